internal import CFiberAsm

extension UnsafeFiberRecord {
  /// `suspend(_:resuming:)` with a reason that readers see until the fiber is resumed.
  @_transparent @usableFromInline
  func suspend<Yield, Resume>(
    _ value: consuming Yield, waiting reason: StaticString, resuming: Resume.Type
  ) -> Resume? {
    guard reason.hasPointerRepresentation else {
      return unsafe suspend(value, waiting: reason.unicodeScalar, resuming: Resume.self)
    }
    // A literal in memory ends in NUL.
    unsafe setWaitReason(UInt(bitPattern: reason.utf8Start))
    defer { unsafe setWaitReason(0) }
    return unsafe suspend(value, resuming: Resume.self)
  }

  /// A static string of one character may be that character alone, nowhere in memory. It gets a place on this stack, which
  /// stands as long as the fiber is suspended.
  @usableFromInline
  func suspend<Yield, Resume>(
    _ value: consuming Yield, waiting scalar: Unicode.Scalar, resuming: Resume.Type
  ) -> Resume? {
    // At most four bytes of UTF-8 in memory order, and zeros.
    var text: UInt64 = 0
    for (index, byte) in String(scalar).utf8.enumerated() {
      text |= UInt64(byte) << UInt64(8 * index)
    }
    var value = Optional(value)
    return unsafe withUnsafePointer(to: &text) {
      unsafe setWaitReason(UInt(bitPattern: $0))
      defer { unsafe setWaitReason(0) }
      guard let value = value.take() else { return nil }
      return unsafe suspend(value, resuming: Resume.self)
    }
  }

  /// Why a handle made for `identity` cannot suspend.
  func suspendRefusal(identity: UInt64) -> FiberError {
    let id = identity >> UInt64(FT_IDENTITY_SHIFT)
    guard unsafe self.id == id else {
      return FiberError(.notOnItsStack, fiberID: id, "cannot be suspended: it is gone")
    }
    guard unsafe isCurrentStack else {
      return unsafe FiberError(
        .notOnItsStack, fiberID: id, fiberName: name,
        "cannot be suspended here: the caller runs on another stack; suspend from the fiber's own body")
    }
    unsafe countRefusedSuspend()
    return unsafe FiberError(.cancelled, fiberID: id, fiberName: name, "is cancelled; let this error leave the body")
  }
}
