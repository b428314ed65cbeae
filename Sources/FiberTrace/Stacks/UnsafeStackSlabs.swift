internal import Glibc

/// One mapping for many stacks of a pool, or the place of one that is unmapped.
@unsafe
struct UnsafeStackSlab {
  /// What is known of its stacks; stays when the slab is unmapped.
  let slots: UnsafeMutablePointer<UnsafeStackSlot>
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

/// The slabs of a pool by number: a table of fixed size whose pages come when they are touched.
@unsafe
struct UnsafeStackSlabs {
  private let table: UnsafeMutablePointer<UnsafeStackSlab>
  /// Bytes of a stack and its guard.
  let total: Int
  /// The guard asked for.
  let kind: FiberStack.Guard

  /// Nil if there is no memory.
  init?(total: Int, kind: FiberStack.Guard) {
    // Zeros from the system, so that an unused table costs nothing.
    let table = unsafe calloc(StackIndex.slabLimit, MemoryLayout<UnsafeStackSlab>.stride)
    guard let table = unsafe table else { return nil }
    unsafe self.table = unsafe table.assumingMemoryBound(to: UnsafeStackSlab.self)
    unsafe self.total = total
    unsafe self.kind = kind
  }

  /// Frees the table and the slots of the first `count` slabs, none of which is mapped.
  func deallocate(count: Int) {
    for number in 0..<count { unsafe free(table[number].slots) }
    unsafe free(table)
  }

  /// The slab of a number below the pool's number of slabs.
  subscript(slab: Int) -> UnsafeMutablePointer<UnsafeStackSlab> { unsafe table + slab }

  /// A stack's slot.
  @inline(__always)
  subscript(index: StackIndex) -> UnsafeMutablePointer<UnsafeStackSlot> {
    unsafe table[index.slab].slots + index.place
  }
}
