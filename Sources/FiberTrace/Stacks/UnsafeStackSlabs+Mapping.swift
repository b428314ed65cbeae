internal import Glibc
internal import Synchronization

extension UnsafeStackSlabs {
  /// What is known of all slabs of a pool, under its lock.
  struct State {
    /// Slabs that have slots; their numbers are below.
    var slabs = 0
    /// Stacks that are mapped.
    var mapped = 0
    /// The slab whose stacks are begun one after the other.
    var current = 0
    /// How often stacks of slabs that are unmapped now were taken again.
    var pastReuses: UInt64 = 0
    /// The pool object is gone.
    var isClosed = false
    /// The stacks that are still in use then.
    var outstanding = 0
  }

  /// Begins a stack that has not been used yet, in a new slab if all others are begun.
  ///
  /// - Complexity: O(1) and one or two system calls; with a new slab O(slabs) and as many slots as there are stacks.
  func begin(pool: UnsafeMutablePointer<UnsafeStackPool>, _ state: inout State) throws(FiberError) -> StackIndex {
    if unsafe state.slabs == 0 || self[state.current].pointee.begun == self[state.current].pointee.count {
      state.current = try unsafe add(pool: pool, &state)
    }
    let slab = unsafe self[state.current]
    guard let memory = unsafe slab.pointee.memory else { preconditionFailure("a slab with stacks is mapped") }
    let place = unsafe slab.pointee.begun
    let stack = unsafe memory + place * total
    let used = try unsafe StackMemory.begin(stack, total: total, kind)
    let start = UInt64(UInt(bitPattern: stack))
    let slot = unsafe slots(of: state.current) + place
    unsafe slot.pointee.kind = used
    unsafe slot.pointee.low = start + UInt64(StackMemory.guardSize)
    unsafe slot.pointee.high = start + UInt64(total)
    unsafe slab.pointee.begun += 1
    return unsafe slot.pointee.index
  }

  /// Maps a slab of as many stacks as there are already, of fewer where the system has no room. Answers its number.
  private func add(pool: UnsafeMutablePointer<UnsafeStackPool>, _ state: inout State) throws(FiberError) -> Int {
    var wanted = min(max(state.mapped, 16), StackIndex.placeLimit)
    while true {
      do {
        let number = try unsafe slots(for: wanted, pool: pool, &state)
        let slab = unsafe self[number]
        let count = unsafe min(wanted, slab.pointee.capacity)
        unsafe slab.pointee.memory = try unsafe map(count: count)
        unsafe slab.pointee.count = count
        state.mapped += count
        return number
      } catch {
        if wanted == 1 { throw error }
        wanted /= 2
      }
    }
  }

  /// Maps `count` stacks above a page that is not mapped: slabs that touched would be one mapping, and to unmap one
  /// would split it.
  private func map(count: Int) throws(FiberError) -> UnsafeMutableRawPointer {
    let page = unsafe StackMemory.pageSize
    let (bytes, overflow) = unsafe count.multipliedReportingOverflow(by: total)
    let (padded, isTooLong) = bytes.addingReportingOverflow(page)
    guard !overflow, !isTooLong else {
      throw unsafe FiberError(
        .outOfMemory, "cannot map \(count) stacks of \(total) bytes: they exceed the address space; have smaller ones")
    }
    let memory = try unsafe StackMemory.map(total: padded, kind)
    unsafe StackMemory.unmap(memory, total: page)
    return unsafe memory + page
  }

  /// The number of a slab that is not mapped, with slots for `count` stacks; for fewer if all numbers are taken.
  private func slots(
    for count: Int, pool: UnsafeMutablePointer<UnsafeStackPool>, _ state: inout State
  ) throws(FiberError) -> Int {
    let unmapped = (0..<state.slabs).filter { unsafe self[$0].pointee.memory == nil }
    if let slab = unmapped.first(where: { unsafe self[$0].pointee.capacity >= count }) { return slab }
    guard state.slabs < StackIndex.slabLimit else {
      guard let slab = unmapped.first else {
        throw FiberError(
          .outOfMemory,
          "the stack pool has \(state.mapped) stacks in \(state.slabs) slabs, all it can have; use a second pool")
      }
      return slab
    }
    let bytes = unsafe count * MemoryLayout<UnsafeStackSlot>.stride
    let memory = unsafe malloc(bytes)
    guard let memory = unsafe memory else {
      throw FiberError(.outOfMemory, "cannot allocate \(bytes) bytes for the stacks of a pool; have fewer")
    }
    let number = state.slabs
    let slots = unsafe memory.bindMemory(to: UnsafeStackSlot.self, capacity: count)
    for place in 0..<count {
      unsafe (slots + place).initialize(
        to: UnsafeStackSlot(pool: pool, index: StackIndex(slab: number, place: place)))
    }
    unsafe initialize(number, slots: slots, capacity: count)
    state.slabs += 1
    return number
  }

  /// Unmaps a slab if all its stacks are idle and on no list. Its slots stay.
  func unmapIfIdle(_ number: Int, _ state: inout State) {
    let slab = unsafe self[number]
    guard let memory = unsafe slab.pointee.memory, unsafe slab.pointee.idle == slab.pointee.begun else { return }
    unsafe StackMemory.unmap(memory, total: slab.pointee.count * total)
    for place in 0..<(unsafe slab.pointee.begun) {
      let slot = unsafe slots(of: number) + place
      unsafe StackMemory.forget(slot.pointee.kind)
      state.pastReuses += unsafe slot.pointee.reuses
      unsafe slot.pointee.passages.store(0, ordering: .relaxed)
    }
    state.mapped -= unsafe slab.pointee.count
    unsafe slab.pointee.memory = nil
    unsafe slab.pointee.count = 0
    unsafe slab.pointee.begun = 0
    unsafe slab.pointee.idle = 0
  }
}
