internal import CFiberAsm
internal import Glibc

extension UnsafeFiberRecord {
  /// Takes a record that no reader sees yet, with a copy of `name`, and an id for it.
  static func acquire(name: String?) throws(FiberError) -> (record: UnsafeFiberRecord, id: UInt64) {
    guard ft_shadow_stack_enabled() == 0 else {
      throw FiberError(
        .shadowStack, "this thread runs with a shadow stack, on which no fiber can be switched; run the program without"
      )
    }
    var id: UInt64 = 0
    guard let pointer = unsafe ft_record_acquire(&id) else {
      let reason = unsafe String(cString: strerror(errno))
      throw FiberError(.outOfMemory, "cannot map \(2 * FT_CHUNK_SIZE) bytes for fiber records: \(reason)")
    }
    if let name {
      guard let copy = unsafe strdup(name) else {
        unsafe ft_record_release(pointer)
        throw FiberError(.outOfMemory, "cannot allocate a fiber's name of \(name.utf8.count) bytes")
      }
      unsafe pointer.pointee.name = UInt64(UInt(bitPattern: copy))
    }
    return unsafe (UnsafeFiberRecord(pointer), id)
  }

  /// Builds a fiber that has not started on the stack [low, high), below `end` in it, and shows it to readers under the id that
  /// `acquire` has answered.
  func publish(
    id: UInt64, hasOwnState: Bool, low: UInt64, high: UInt64, end: UInt64, creator: UInt64, entry: ft_fiber_entry,
    argument: UnsafeMutableRawPointer
  ) {
    let base = ft_stack_base(low, end, id)
    unsafe ft_fiber_init(pointer, low, high, base, entry, argument)
    unsafe pointer.pointee.creator = creator
    unsafe ft_record_publish(pointer, id)
    if hasOwnState { unsafe ft_record_mark(pointer, UInt64(FT_FLAG_OWN_STATE)) }
  }

  /// Gives the record back. Readers stop seeing it before its name is freed.
  func release() {
    let name = unsafe UnsafeMutableRawPointer(bitPattern: UInt(pointer.pointee.name))
    unsafe ft_record_release(pointer)
    if unsafe name != nil { unsafe free(name) }
  }
}
