internal import Glibc

/// One mapping for many stacks of a pool, or the place of one that is unmapped.
@unsafe
struct UnsafeStackSlab {
  /// How many slots there are.
  let capacity: Int
  /// Lowest address, that of the first stack's guard; nil while it is unmapped.
  var memory: UnsafeMutableRawPointer?
  /// Stacks that are mapped.
  var count = 0
  /// Of these, the ones that have been handed out at least once and have a guard.
  var begun = 0
  /// Of these, the ones that the last count has found idle.
  var idle = 0
}

/// The slabs of a pool by number: tables of fixed size whose pages come when they are touched.
@unsafe
struct UnsafeStackSlabs {
  /// What is known of the stacks of each; stays when a slab is unmapped. Apart from the slabs, since it is read without
  /// the lock.
  private let slots: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeStackSlot>>
  /// Under the pool's lock.
  private let table: UnsafeMutablePointer<UnsafeStackSlab>
  /// Bytes of a stack and its guard.
  let total: Int
  /// The guard asked for.
  let kind: FiberStack.Guard

  /// Nil if there is no memory.
  init?(total: Int, kind: FiberStack.Guard) {
    // Fresh from the system, so that an unused table costs nothing.
    let pointers = unsafe StackIndex.slabLimit * MemoryLayout<UnsafeMutablePointer<UnsafeStackSlot>>.stride
    let memory = unsafe malloc(pointers + StackIndex.slabLimit * MemoryLayout<UnsafeStackSlab>.stride)
    guard let memory = unsafe memory else { return nil }
    unsafe slots = unsafe memory.assumingMemoryBound(to: UnsafeMutablePointer<UnsafeStackSlot>.self)
    unsafe table = unsafe (memory + pointers).assumingMemoryBound(to: UnsafeStackSlab.self)
    unsafe self.total = total
    unsafe self.kind = kind
  }

  /// Frees the table and the slots of the first `count` slabs, none of which is mapped.
  func deallocate(count: Int) {
    for number in 0..<count { unsafe free(slots[number]) }
    unsafe free(slots)
  }

  /// The slab of a number below the pool's number of slabs.
  subscript(slab: Int) -> UnsafeMutablePointer<UnsafeStackSlab> { unsafe table + slab }

  /// The slots of the slab of a number below the pool's number of slabs.
  func slots(of slab: Int) -> UnsafeMutablePointer<UnsafeStackSlot> { unsafe slots[slab] }

  /// Makes the slab of the pool's next number, which is not mapped yet.
  func initialize(_ slab: Int, slots: UnsafeMutablePointer<UnsafeStackSlot>, capacity: Int) {
    unsafe (self.slots + slab).initialize(to: slots)
    unsafe (table + slab).initialize(to: UnsafeStackSlab(capacity: capacity))
  }

  /// A stack's slot.
  @inline(__always)
  subscript(index: StackIndex) -> UnsafeMutablePointer<UnsafeStackSlot> {
    unsafe slots[index.slab] + index.place
  }
}
