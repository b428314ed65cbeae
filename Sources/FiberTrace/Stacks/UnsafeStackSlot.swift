internal import Synchronization

/// What a pool knows of one of its stacks. Slots lie in arrays that stay as long as the pool's state does, so that a
/// thread that lost a race may still read one.
///
/// `next` and `depth` are read by threads that lose such a race, `passages` by who counts; all else belongs to who has
/// the stack, or to the holder of the pool's lock.
@unsafe
struct UnsafeStackSlot: ~Copyable {
  /// What it belongs to.
  let pool: UnsafeMutablePointer<UnsafeStackPool>
  /// Its own number.
  let index: StackIndex
  /// What keeps an overflow from the memory below.
  var kind: FiberStack.Guard = .lightweight
  /// Lowest address that can be used.
  var low: UInt64 = 0
  /// End of the memory.
  var high: UInt64 = 0
  /// The stack below it on its list.
  let next = Atomic<UInt32>(StackIndex.none.rawValue)
  /// How many stacks its list has, with it and those below.
  let depth = Atomic<UInt32>(0)
  /// How often it has been taken and given back, together: odd while it is in use.
  let passages = Atomic<UInt64>(0)

  init(pool: UnsafeMutablePointer<UnsafeStackPool>, index: StackIndex) {
    unsafe self.pool = unsafe pool
    unsafe self.index = index
  }

  /// `next` of a stack on a detached list.
  var below: StackIndex { unsafe StackIndex(rawValue: next.load(ordering: .relaxed)) }

  /// Notes that the stack is taken or given back; called by who has it.
  @inline(__always)
  func pass() {
    unsafe passages.store(passages.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
  }

  /// It is taken.
  var isInUse: Bool { unsafe passages.load(ordering: .relaxed) & 1 != 0 }

  /// How often it was taken again.
  var reuses: UInt64 {
    let passages = unsafe passages.load(ordering: .relaxed)
    return passages == 0 ? 0 : (passages - 1) / 2
  }
}

/// The number of a stack in its pool, of its slab and of its place there.
struct StackIndex: Equatable {
  let rawValue: UInt32

  /// Slabs that a pool may have, and stacks that a slab may have.
  static let slabLimit = 4096
  static let placeLimit = 1024

  /// The end of a list.
  static let none = StackIndex(rawValue: 0)
  /// In the place of a list whose pool object is gone; larger than any stack's.
  static let closed = StackIndex(rawValue: .max)

  init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  init(slab: Int, place: Int) {
    rawValue = UInt32(slab * Self.placeLimit + place + 1)
  }

  var slab: Int { Int(rawValue &- 1) / Self.placeLimit }
  var place: Int { Int(rawValue &- 1) % Self.placeLimit }
}
