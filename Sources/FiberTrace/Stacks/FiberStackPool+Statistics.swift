extension FiberStackPool {
  /// How many stacks a pool has, and what they do.
  public struct Statistics: Sendable, Hashable {
    /// Stacks that are in use or idle.
    public var stacks: Int { inUse + idleWithPages + idleWithoutPages }
    /// Stacks that are taken.
    public let inUse: Int
    /// Idle stacks that may have pages.
    public let idleWithPages: Int
    /// Idle stacks that cost address space alone.
    public let idleWithoutPages: Int
    /// How often a stack was taken that had been used before.
    public let reuses: UInt64
  }
}

extension UnsafeStackPool {
  /// Counts the stacks; the lock is held.
  func statistics(_ state: UnsafeStackSlabs.State) -> FiberStackPool.Statistics {
    var stacks = 0
    var inUse = 0
    var reuses = state.pastReuses
    for number in 0..<state.slabs {
      for place in 0..<(unsafe slabs[number].pointee.begun) {
        let slot = unsafe slabs.slots(of: number) + place
        stacks += 1
        inUse += unsafe slot.pointee.isInUse ? 1 : 0
        reuses += unsafe slot.pointee.reuses
      }
    }
    let withoutPages = unsafe min(cold.count(slabs), stacks - inUse)
    return FiberStackPool.Statistics(
      inUse: inUse, idleWithPages: stacks - inUse - withoutPages, idleWithoutPages: withoutPages, reuses: reuses)
  }
}
