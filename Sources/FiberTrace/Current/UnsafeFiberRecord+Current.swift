internal import CFiberAsm

extension UnsafeFiberRecord {
  /// The fiber whose stack the caller runs on. Its record cannot go while it does.
  static var current: UnsafeFiberRecord? {
    guard let pointer = unsafe ft_fiber_current() else { return nil }
    return unsafe UnsafeFiberRecord(pointer)
  }

  /// It is being cancelled: its suspends throw.
  var isCancelled: Bool { unsafe identity & UInt64(FT_FLAG_CANCELLED) != 0 }

  /// What it says it is suspended for, as it was at some moment of the call.
  var waitReason: String? {
    var room: UInt64 = 0
    return unsafe withUnsafeMutablePointer(to: &room) { room in
      unsafe ft_record_wait(pointer, room).map { unsafe String(cString: $0) }
    }
  }

  /// How often it was resumed.
  var resumeCount: UInt64 { unsafe (pointer.pointee.count + 1) / 2 }

  /// Bytes of its stack. Its stack must not have gone.
  var stackSize: Int {
    let base = unsafe UInt(pointer.pointee.base)
    let high = unsafe UnsafePointer<UInt64>(bitPattern: base + UInt(FT_BASE_HIGH))
    return unsafe high.map { unsafe Int($0.pointee - pointer.pointee.low) } ?? 0
  }
}

extension Fiber.Suspend {
  /// The id of its fiber.
  var id: UInt64 { identity >> UInt64(FT_IDENTITY_SHIFT) }
}
