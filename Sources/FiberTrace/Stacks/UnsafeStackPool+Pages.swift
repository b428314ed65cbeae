internal import Synchronization

/// What is done under the pool's lock. While it is held, stacks that are taken off a list belong to its holder: who
/// finds none waits for the lock.
extension UnsafeStackPool {
  /// Gives the pages of idle stacks back but for the `count` that were used last.
  ///
  /// - Complexity: O(idle stacks with pages), and a system call for each that loses them.
  func cool(keeping count: Int) {
    var top = unsafe warm.detach()
    var kept = StackIndex.none
    for _ in 0..<count {
      guard top != .none else { break }
      let slot = unsafe slabs[top]
      let below = unsafe slot.pointee.below
      unsafe slot.pointee.next.store(kept.rawValue, ordering: .relaxed)
      (kept, top) = (top, below)
    }
    // They hang upside down now, and come right when they are pushed one by one.
    unsafe forEach(from: kept) { _ = unsafe warm.push($0, slabs) }
    unsafe forEach(from: top) { unsafe pushCold($0) }
  }

  /// Gives a stack's pages back and puts it on the list of those without.
  func pushCold(_ slot: UnsafeMutablePointer<UnsafeStackSlot>) {
    unsafe StackMemory.returnPages(low: slot.pointee.low, high: slot.pointee.high)
    _ = unsafe cold.push(slot, slabs)
  }

  /// Gives all pages of idle stacks back, and unmaps the slabs that have no stack in use.
  ///
  /// - Complexity: O(stacks + slabs), and a system call for each slab, and for each idle stack with pages in the
  ///   others.
  func trim(_ state: inout UnsafeStackSlabs.State) {
    let tops = unsafe (warm: warm.detach(), cold: cold.detach())
    unsafe unmapIdle(tops.warm, tops.cold, &state)
    unsafe forEach(from: tops.warm) { if unsafe isMapped($0) { unsafe pushCold($0) } }
    unsafe forEach(from: tops.cold) { if unsafe isMapped($0) { _ = unsafe cold.push($0, slabs) } }
  }

  /// Ends the lists, as the pool object goes: unmaps what is idle. Answers whether no stack is in use.
  func retireIdle(_ state: inout UnsafeStackSlabs.State) -> Bool {
    let tops = unsafe (warm: warm.detach(leaving: .closed), cold: cold.detach(leaving: .closed))
    state.isClosed = true
    unsafe unmapIdle(tops.warm, tops.cold, &state)
    unsafe forEach(from: tops.warm) {
      if unsafe isMapped($0) { unsafe StackMemory.returnPages(low: $0.pointee.low, high: $0.pointee.high) }
    }
    for number in 0..<state.slabs {
      state.outstanding += unsafe slabs[number].pointee.begun - slabs[number].pointee.idle
    }
    return state.outstanding == 0
  }

  /// Takes a stack back after the pool object has gone. Answers whether it was the last.
  func retire(_ slot: UnsafeMutablePointer<UnsafeStackSlot>, _ state: inout UnsafeStackSlabs.State) -> Bool {
    let number = unsafe slot.pointee.index.slab
    unsafe StackMemory.returnPages(low: slot.pointee.low, high: slot.pointee.high)
    unsafe slabs[number].pointee.idle += 1
    unsafe slabs.unmapIfIdle(number, &state)
    state.outstanding -= 1
    return state.outstanding == 0
  }

  /// Unmaps the slabs whose stacks are all on the two detached lists.
  private func unmapIdle(_ warm: StackIndex, _ cold: StackIndex, _ state: inout UnsafeStackSlabs.State) {
    for number in 0..<state.slabs { unsafe slabs[number].pointee.idle = 0 }
    for top in [warm, cold] {
      unsafe forEach(from: top) { unsafe slabs[$0.pointee.index.slab].pointee.idle += 1 }
    }
    for number in 0..<state.slabs { unsafe slabs.unmapIfIdle(number, &state) }
  }

  private func isMapped(_ slot: UnsafeMutablePointer<UnsafeStackSlot>) -> Bool {
    unsafe slabs[slot.pointee.index.slab].pointee.memory != nil
  }

  /// Calls `body` with each stack of a detached list, whose links it may change.
  private func forEach(from top: StackIndex, _ body: (UnsafeMutablePointer<UnsafeStackSlot>) -> Void) {
    var top = top
    while top != .none {
      let slot = unsafe slabs[top]
      top = unsafe slot.pointee.below
      unsafe body(slot)
    }
  }
}
