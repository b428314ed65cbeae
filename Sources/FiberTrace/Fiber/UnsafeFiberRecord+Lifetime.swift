internal import CFiberAsm
internal import Glibc

extension UnsafeFiberRecord {
  /// Takes a record that no reader sees yet, with a copy of `name`.
  static func acquire(name: String?) throws(FiberError) -> UnsafeFiberRecord {
    guard ft_shadow_stack_enabled() == 0 else {
      throw FiberError(
        .shadowStack, "this thread runs with a shadow stack, on which no fiber can be switched; run the program without"
      )
    }
    guard let pointer = unsafe ft_registry_acquire(ft_own_registry()) else {
      let reason = unsafe String(cString: strerror(errno))
      throw FiberError(.outOfMemory, "cannot map \(2 * FT_CHUNK_SIZE) bytes for fiber records: \(reason)")
    }
    if let name {
      guard let copy = unsafe strdup(name) else {
        unsafe ft_registry_release(ft_own_registry(), pointer)
        throw FiberError(.outOfMemory, "cannot allocate a fiber's name of \(name.utf8.count) bytes")
      }
      unsafe pointer.pointee.name = UInt64(UInt(bitPattern: copy))
    }
    return unsafe UnsafeFiberRecord(pointer)
  }

  /// Builds a fiber that has not started on the stack [low, high), below `end` in it, and shows it to readers.
  func publish(
    low: UInt64, high: UInt64, end: UInt64, creator: UInt64, entry: ft_fiber_entry, argument: UnsafeMutableRawPointer
  ) {
    let id = unsafe ft_registry_next_id(ft_own_registry())
    let base = ft_stack_base(low, end, id)
    unsafe ft_fiber_init(pointer, low, high, base, entry, argument)
    unsafe pointer.pointee.creator = creator
    unsafe ft_record_publish(pointer, id)
  }

  /// Gives the record back. Readers stop seeing it before its name is freed.
  func release() {
    let name = unsafe UnsafeMutableRawPointer(bitPattern: UInt(pointer.pointee.name))
    unsafe ft_registry_release(ft_own_registry(), pointer)
    unsafe free(name)
  }
}
