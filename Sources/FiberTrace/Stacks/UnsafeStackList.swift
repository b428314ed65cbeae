internal import Synchronization

/// Idle stacks, the one given back last on top: Treiber's stack. To push and to pop is one compare-and-swap each.
///
/// The word at its head has the top's index below, and above it a tag that each pop raises: a thread that was held up
/// between its reading of the top and its swap fails, whatever has come and gone meanwhile (unless 2^32 pops have).
@unsafe
struct UnsafeStackList: ~Copyable {
  private let head = Atomic<UInt64>(0)

  private static func index(_ head: UInt64) -> StackIndex { StackIndex(rawValue: UInt32(truncatingIfNeeded: head)) }

  private static func word(after head: UInt64, top: UInt32) -> UInt64 {
    (head & ~0xffff_ffff) &+ 0x1_0000_0000 | UInt64(top)
  }

  /// Takes the top; nil if there is none.
  ///
  /// - Complexity: O(1); it tries again only when another thread has been successful.
  @inline(__always)
  func pop(_ slabs: UnsafeStackSlabs) -> UnsafeMutablePointer<UnsafeStackSlot>? {
    var head = unsafe head.load(ordering: .acquiring)
    while true {
      let index = unsafe Self.index(head)
      guard index != .none, index != .closed else { return nil }
      let slot = unsafe slabs[index]
      let next = unsafe slot.pointee.next.load(ordering: .relaxed)
      let result = unsafe self.head.weakCompareExchange(
        expected: head, desired: Self.word(after: head, top: next), ordering: .acquiringAndReleasing)
      if result.exchanged { return unsafe slot }
      head = result.original
    }
  }

  /// Puts a stack on top, unless there are `limit` or the list is closed.
  ///
  /// After a push nothing of the list may be touched, unless the pool's lock is held: the pool may be gone.
  @inline(__always)
  func push(
    _ slot: UnsafeMutablePointer<UnsafeStackSlot>, _ slabs: UnsafeStackSlabs, limit: UInt32 = .max
  ) -> Bool {
    var head = unsafe head.load(ordering: .acquiring)
    while true {
      let index = unsafe Self.index(head)
      guard index != .closed else { return false }
      // Stale where another thread has just taken the top; then the swap fails.
      let below = index == .none ? 0 : unsafe slabs[index].pointee.depth.load(ordering: .relaxed)
      guard below < limit else { return false }
      unsafe slot.pointee.next.store(index.rawValue, ordering: .relaxed)
      unsafe slot.pointee.depth.store(below &+ 1, ordering: .relaxed)
      let result = unsafe self.head.weakCompareExchange(
        expected: head, desired: head & ~0xffff_ffff | UInt64(slot.pointee.index.rawValue),
        ordering: .acquiringAndReleasing)
      if result.exchanged { return true }
      head = result.original
    }
  }

  /// Takes all stacks off, and leaves the list empty or closed. Answers the former top, below which the others still
  /// hang.
  func detach(leaving end: StackIndex = .none) -> StackIndex {
    var head = unsafe head.load(ordering: .acquiring)
    while true {
      let result = unsafe self.head.weakCompareExchange(
        expected: head, desired: Self.word(after: head, top: end.rawValue), ordering: .acquiringAndReleasing)
      if result.exchanged { return unsafe Self.index(head) }
      head = result.original
    }
  }

  /// Its pool object is gone.
  var isClosed: Bool { unsafe Self.index(head.load(ordering: .relaxed)) == .closed }

  /// How many stacks it has.
  func count(_ slabs: UnsafeStackSlabs) -> Int {
    let index = unsafe Self.index(head.load(ordering: .acquiring))
    return index == .none || index == .closed ? 0 : unsafe Int(slabs[index].pointee.depth.load(ordering: .relaxed))
  }
}
