/// Stacks that are used again: to take one and to give it back costs neither a system call nor a lock nor an
/// allocation, once the pool has as many as are in use at a time.
///
/// ```swift
/// let pool = try FiberStackPool()
/// for request in requests {
///   let fiber = try Fiber<Void, Void, Void>(pool: pool) { suspend, _ in try serve(request, suspend) }
///   ...
/// }
/// ```
///
/// A stack goes back when its fiber or its owner goes, on whatever thread, and the one given back last is the next
/// taken. Stacks may outlive the pool object; their memory is then unmapped as they go.
///
/// Each thread keeps the one stack that it has given back last to itself, until it gives back another or ends: to take
/// that again needs no atomic instruction.
///
/// Stacks lie side by side in slabs, each one mapping that grows with the number of stacks. With guards of marks
/// (``FiberStack/Guard/lightweight``) they take no mapping of their own, in whatever order they go; the system's limit
/// on mappings is out of reach.
///
/// Idle stacks keep their pages, up to a limit and one for each thread. Beyond it the half that was idle longest gives
/// its pages back to the system. A stack is not cleared between fibers, except by that.
@safe
public final class FiberStackPool: Sendable {
  /// Bytes of each stack that can be used: the size asked for, rounded up to whole pages.
  public let stackSize: Int

  /// How many idle stacks may keep their pages, beside one for each thread.
  public let idleLimit: Int

  private nonisolated(unsafe) let pool: UnsafeMutablePointer<UnsafeStackPool>

  /// Makes an empty pool.
  ///
  /// - Parameters:
  ///   - stackSize: Bytes of each stack, from 1 on; rounded up to whole pages of 4,096 bytes.
  ///   - kind: What lies below each.
  ///   - idleLimit: How many idle stacks may keep their pages; 0, or less, for none: then each stack given back costs a
  ///     system call.
  /// - Throws: ``FiberError/Code/invalidStackSize`` if `stackSize` is not positive or does not fit the address space;
  ///   ``FiberError/Code/outOfMemory`` if there is no memory for its table.
  /// - Complexity: O(1). Nothing is mapped yet.
  public init(
    stackSize: Int = FiberStack.defaultSize, guard kind: FiberStack.Guard = .automatic, idleLimit: Int = 256
  ) throws(FiberError) {
    let total = try unsafe StackMemory.total(size: stackSize)
    self.stackSize = unsafe total - StackMemory.guardSize
    self.idleLimit = max(0, idleLimit)
    unsafe pool = try unsafe UnsafeStackPool.create(
      total: total, kind: kind, idleLimit: UInt32(clamping: self.idleLimit))
  }

  deinit {
    unsafe UnsafeStackPool.close(pool)
  }

  /// Takes the idle stack that was given back last, or a new one if none is idle. It goes back when it goes.
  ///
  /// - Throws: ``FiberError/Code/outOfMemory`` if the system has no memory or no mapping left, or if the pool has 4,096
  ///   slabs: the pool goes on with the stacks that it has; ``FiberError/Code/guardUnavailable`` if the system has no
  ///   lightweight guards and they were asked for.
  /// - Complexity: O(1): one compare-and-swap at most. A new stack takes one or two system calls, a new slab two more.
  public func take() throws(FiberError) -> FiberStack {
    unsafe FiberStack(slot: try UnsafeStackPool.take(pool))
  }

  /// Gives the pages of all idle stacks back to the system, and unmaps the slabs that have no stack in use.
  ///
  /// The one that another thread has given back last stays as it is. Safe at any time, from any thread: who takes a
  /// stack meanwhile may have to wait for it.
  ///
  /// - Complexity: O(stacks), and a system call for each slab, and for each idle stack with pages in the others.
  public func trim() {
    unsafe UnsafeStackCache.flush(of: pool)
    unsafe pool.pointee.lock.withLock { unsafe pool.pointee.trim(&$0) }
  }

  /// What the pool has now. Approximate while other threads take stacks and give them back.
  ///
  /// - Complexity: O(stacks).
  public var statistics: Statistics {
    unsafe pool.pointee.lock.withLock { unsafe pool.pointee.statistics($0) }
  }
}
