public import CFiberAsm

/// A fiber's record in the registry, and the switch itself: all that touches raw memory when a fiber is switched.
///
/// Records lie in tables that are never freed, so a record can be read after its fiber is gone; its identity tells.
///
/// Values cross in a slot on the stack that is left, an optional whose address travels through the switch. The other side
/// moves the value out before anything else, and whoever comes back to the slot finds it without one. No access to a class's
/// stored property is open across a switch: the other side could not touch it then, and would be stopped with "overlapping
/// accesses".
@unsafe @usableFromInline
struct UnsafeFiberRecord {
  @usableFromInline let pointer: UnsafeMutablePointer<ft_record>

  @inlinable
  init(_ pointer: UnsafeMutablePointer<ft_record>) {
    unsafe self.pointer = unsafe pointer
  }

  /// Id and flags.
  @inlinable var identity: UInt64 { unsafe ft_record_identity(pointer) }

  /// Its id, unique for the life of the process.
  var id: UInt64 { unsafe identity >> UInt64(FT_IDENTITY_SHIFT) }

  /// Its name, nil if it has none.
  var name: String? {
    unsafe UnsafePointer<CChar>(bitPattern: UInt(pointer.pointee.name)).map { unsafe String(cString: $0) }
  }

  /// Its body has returned or thrown.
  @inlinable var isFinished: Bool { unsafe identity & UInt64(FT_FLAG_FINISHED) != 0 }

  /// It has been resumed.
  var hasStarted: Bool { unsafe pointer.pointee.count != 0 }

  /// Its thread has ended inside it. Then it counts as on a thread for good.
  var isAbandoned: Bool { unsafe identity & UInt64(FT_FLAG_ABANDONED) != 0 }

  /// It runs, or has resumed another that runs.
  @inlinable var isOnThread: Bool { unsafe pointer.pointee.count & 1 != 0 }

  /// The caller runs on this fiber's own stack.
  @inlinable var isCurrentStack: Bool {
    unsafe ft_frame_address() &- pointer.pointee.low < pointer.pointee.base &- pointer.pointee.low
  }

  /// What the fiber is doing, as seen from its thread.
  var state: FiberState {
    if unsafe isFinished { return .finished }
    if unsafe isAbandoned { return .abandoned }
    if unsafe isOnThread { return unsafe isCurrentStack ? .running : .resumingAnother }
    return unsafe pointer.pointee.count == 0 ? .notStarted : .suspended
  }

  /// Runs the fiber until it suspends or ends. Answers the value it has yielded, or nil if it has ended.
  ///
  /// The caller has made sure that it neither runs nor has finished.
  @_transparent @usableFromInline
  func resume<Resume, Yield>(_ value: consuming Resume, yielding: Yield.Type) -> Yield? {
    var slot = Optional(value)
    let answer = unsafe switchIn(&slot)
    return unsafe Self.take(Yield.self, from: answer, emptying: &slot)
  }

  /// Returns to the resumer. Answers the value of the next resume, or nil if the fiber is being cancelled.
  ///
  /// The caller has made sure that it runs on this fiber's stack.
  @_transparent @usableFromInline
  func suspend<Yield, Resume>(_ value: consuming Yield, resuming: Resume.Type) -> Resume? {
    var slot = Optional(value)
    let answer = unsafe switchOut(&slot)
    return unsafe Self.take(Resume.self, from: answer, emptying: &slot)
  }

  /// Moves the value out of the other side's slot, if there is one, and makes a value again of the own slot, whose value the
  /// other side has moved out. The latter costs nothing: a nil that is not used is never stored.
  @_transparent @usableFromInline
  static func take<Value, Own>(
    _: Value.Type, from slot: UnsafeMutableRawPointer?, emptying own: UnsafeMutablePointer<Own?>
  ) -> Value? {
    guard let slot = unsafe slot else {
      unsafe own.initialize(to: nil)
      return nil
    }
    // First the one, then the other: for all that the compiler knows, they could be the same.
    let value = unsafe take(Value.self, from: slot)
    unsafe own.initialize(to: nil)
    return value
  }

  /// Moves the value out of the other side's slot, which has one. The value of an optional that has one begins where the
  /// optional does and looks the same (TypeLayout.rst of the Swift project, "Single-Payload Enums"), so its tag is not read.
  @_transparent @usableFromInline
  static func take<Value>(_: Value.Type, from slot: UnsafeMutableRawPointer) -> Value {
    unsafe slot.assumingMemoryBound(to: Value.self).move()
  }

  /// `ft_resume` with a slot of a type: `&slot` is then the address of the variable for the time of the call.
  @_transparent @usableFromInline
  func switchIn<Slot>(_ slot: UnsafeMutablePointer<Slot>) -> UnsafeMutableRawPointer? {
    unsafe hasOwnState ? switchInWithOwnState(slot) : ft_resume(pointer, slot)
  }

  /// `ft_suspend`, likewise.
  @_transparent @usableFromInline
  func switchOut<Slot>(_ slot: UnsafeMutablePointer<Slot>) -> UnsafeMutableRawPointer? {
    unsafe ft_suspend(pointer, slot)
  }

  /// Says why the fiber is about to suspend, or with 0 that it no longer is.
  @inlinable
  func setWaitReason(_ address: UInt) {
    unsafe ft_record_set_wait(pointer, UInt64(address))
  }
}
