internal import CFiberAsm

extension UnsafeFiberRecord {
  /// How many suspends of a cancelled fiber throw before the process is stopped: a body that catches the error each time would
  /// otherwise keep whoever cancels it for ever.
  static let refusedSuspendLimit: UInt64 = 1000

  /// Resumes the fiber, which is suspended, for the last time: its pending suspend, and each that follows, throws.
  func unwind() {
    unsafe ft_record_mark(pointer, UInt64(FT_FLAG_CANCELLED))
    _ = unsafe hasOwnState ? switchInWithOwnState(nil) : ft_resume(pointer, nil)
  }

  /// Marks the fiber, which has not started, as finished.
  func finish() {
    unsafe ft_record_mark(pointer, UInt64(FT_FLAG_FINISHED))
  }

  /// Counts a suspend that is refused since the fiber, on whose stack the caller runs, is cancelled.
  ///
  /// The count lies on that stack: neither a handle nor the core may be there any more.
  func countRefusedSuspend() {
    let address = unsafe UInt(pointer.pointee.base) + UInt(FT_BASE_CANCELS)
    guard let count = unsafe UnsafeMutablePointer<UInt64>(bitPattern: address) else { return }
    unsafe count.pointee += 1
    guard unsafe count.pointee > Self.refusedSuspendLimit else { return }
    let error = unsafe FiberError(
      .cancelled, fiberID: id, fiberName: name,
      "is cancelled, and its body has caught that error from \(Self.refusedSuspendLimit) suspends and goes on; "
        + "let it leave the body")
    fatalError(error.description)
  }
}
