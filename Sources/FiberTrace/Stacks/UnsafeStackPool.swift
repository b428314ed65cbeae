internal import Glibc

/// What a pool and its stacks share. It outlives the pool object as long as one of its stacks is in use.
///
/// Idle stacks are on two lists: those that may have pages, and those that have none. Who takes a stack and gives it
/// back touches the lists alone. All else is done under a lock: growth, giving pages and slabs back, counting, and the
/// end.
@unsafe
struct UnsafeStackPool: ~Copyable {
  /// How many idle stacks may keep their pages.
  let idleLimit: UInt32
  let slabs: UnsafeStackSlabs
  /// Idle stacks that may have pages.
  let warm = unsafe UnsafeStackList()
  /// Idle stacks that have none.
  let cold = unsafe UnsafeStackList()
  let lock: UnsafeStackLock

  /// - Parameter total: Bytes of a stack and its guard.
  static func create(
    total: Int, kind: FiberStack.Guard, idleLimit: UInt32
  ) throws(FiberError) -> UnsafeMutablePointer<UnsafeStackPool> {
    if let slabs = unsafe UnsafeStackSlabs(total: total, kind: kind) {
      if let lock = unsafe UnsafeStackLock() {
        if let memory = unsafe malloc(MemoryLayout<UnsafeStackPool>.size) {
          let pool = unsafe memory.bindMemory(to: UnsafeStackPool.self, capacity: 1)
          unsafe pool.initialize(to: UnsafeStackPool(idleLimit: idleLimit, slabs: slabs, lock: lock))
          return unsafe pool
        }
        unsafe lock.deallocate()
      }
      unsafe slabs.deallocate(count: 0)
    }
    throw FiberError(.outOfMemory, "cannot allocate the table of a stack pool; the process has no memory left")
  }

  private init(idleLimit: UInt32, slabs: UnsafeStackSlabs, lock: UnsafeStackLock) {
    unsafe self.idleLimit = idleLimit
    unsafe self.slabs = unsafe slabs
    unsafe self.lock = unsafe lock
  }

  /// Frees what is left when no stack is in use and the pool object is gone.
  private static func destroy(_ pool: UnsafeMutablePointer<UnsafeStackPool>) {
    let count = unsafe pool.pointee.lock.withLock { $0.slabs }
    unsafe pool.pointee.slabs.deallocate(count: count)
    unsafe pool.pointee.lock.deallocate()
    unsafe pool.deinitialize(count: 1)
    unsafe free(pool)
  }

  /// Takes a stack: the one that this thread has given back last, else an idle one, with pages if there is one, else a
  /// new one.
  @inline(__always)
  static func take(
    _ pool: UnsafeMutablePointer<UnsafeStackPool>
  ) throws(FiberError) -> UnsafeMutablePointer<UnsafeStackSlot> {
    if let slot = unsafe UnsafeStackCache.take(of: pool) {
      unsafe slot.pointee.pass()
      return unsafe slot
    }
    let slot =
      if let slot = unsafe pool.pointee.takeIdle() { unsafe slot } else { try unsafe takeNew(pool) }
    unsafe slot.pointee.pass()
    return unsafe slot
  }

  @inline(__always)
  private func takeIdle() -> UnsafeMutablePointer<UnsafeStackSlot>? {
    if let slot = unsafe warm.pop(slabs) { return unsafe slot }
    return unsafe cold.pop(slabs)
  }

  @inline(never)
  private static func takeNew(
    _ pool: UnsafeMutablePointer<UnsafeStackPool>
  ) throws(FiberError) -> UnsafeMutablePointer<UnsafeStackSlot> {
    let index = try unsafe pool.pointee.lock.withLock { (state) throws(FiberError) -> StackIndex in
      // Another thread may have given some back meanwhile, or held them all to return pages.
      if let slot = unsafe pool.pointee.takeIdle() { return unsafe slot.pointee.index }
      return try unsafe pool.pointee.slabs.begin(pool: pool, &state)
    }
    return unsafe pool.pointee.slabs[index]
  }

  /// Gives a stack back.
  @inline(__always)
  static func give(_ slot: UnsafeMutablePointer<UnsafeStackSlot>) {
    unsafe slot.pointee.pass()
    if unsafe !UnsafeStackCache.give(slot) { unsafe share(slot) }
  }

  /// Lets other threads have a stack that is idle.
  static func share(_ slot: UnsafeMutablePointer<UnsafeStackSlot>) {
    let pool = unsafe slot.pointee.pool
    // After a push the pool may be gone.
    if unsafe !pool.pointee.warm.push(slot, pool.pointee.slabs, limit: pool.pointee.idleLimit) {
      unsafe shareOneTooMany(slot, pool)
    }
  }

  /// Gives a stack back when there are as many idle ones with pages as there may be, or when the pool object is gone.
  @inline(never)
  private static func shareOneTooMany(
    _ slot: UnsafeMutablePointer<UnsafeStackSlot>, _ pool: UnsafeMutablePointer<UnsafeStackPool>
  ) {
    let isEnd = unsafe pool.pointee.lock.withLock { (state) -> Bool in
      guard state.isClosed else {
        // Half of them go, so that the next to be given back need no system call.
        unsafe pool.pointee.cool(keeping: Int(pool.pointee.idleLimit) / 2)
        if unsafe !pool.pointee.warm.push(slot, pool.pointee.slabs, limit: pool.pointee.idleLimit) {
          unsafe pool.pointee.pushCold(slot)
        }
        return false
      }
      return unsafe pool.pointee.retire(slot, &state)
    }
    if isEnd { unsafe destroy(pool) }
  }

  /// The pool object goes.
  static func close(_ pool: UnsafeMutablePointer<UnsafeStackPool>) {
    unsafe UnsafeStackCache.flush(of: pool)
    if unsafe pool.pointee.lock.withLock({ unsafe pool.pointee.retireIdle(&$0) }) { unsafe destroy(pool) }
  }
}
