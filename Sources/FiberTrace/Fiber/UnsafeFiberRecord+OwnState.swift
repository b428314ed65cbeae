public import CFiberAsm

/// What a fiber with ``FiberOptions`` keeps while it does not run.
@safe
struct FiberOwnState {
  let options: FiberOptions
  var floatControl = ft_float_control()
  /// The fiber's while it does not run, its resumer's while it does.
  var catches = unsafe ft_catches()

  init(options: FiberOptions) {
    self.options = options
    if options.contains(.floatingPointControl) { floatControl = ft_float_control_current() }
  }
}

extension UnsafeFiberRecord {
  /// It was created with ``FiberOptions``.
  @inlinable var hasOwnState: Bool { unsafe identity & UInt64(FT_FLAG_OWN_STATE) != 0 }

  /// `ft_resume` for a fiber with a state of its own.
  @usableFromInline
  func switchInWithOwnState(_ slot: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let argument = unsafe UnsafePointer<UnsafeFiberTop.Pointer>(
      bitPattern: UInt(pointer.pointee.base) + UInt(FT_BASE_ARGUMENT))
    guard let top = unsafe argument?.pointee else { preconditionFailure("a fiber's base has an address") }
    let keepsCatches = unsafe top.pointee.ownState.options.contains(.caughtExceptions)
    if keepsCatches { unsafe ft_thread_exchange_catches(&top.pointee.ownState.catches) }
    // The resumer comes back on the thread that it left on.
    defer { if keepsCatches { unsafe ft_thread_exchange_catches(&top.pointee.ownState.catches) } }
    return if unsafe top.pointee.ownState.options.contains(.floatingPointControl) {
      unsafe ft_resume_with_float_control(pointer, slot, &top.pointee.ownState.floatControl)
    } else {
      unsafe ft_resume(pointer, slot)
    }
  }
}
