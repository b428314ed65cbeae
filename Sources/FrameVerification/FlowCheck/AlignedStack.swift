/// What is known of the stack of a function that aligns rsp: words at distances from the aligned one.
struct AlignedStack: Sendable, Hashable {
  /// The symbol of the aligned stack pointer, 0 for none.
  private(set) var base: UInt32 = 0
  /// It lies at or below CFA + this.
  private var top: Int32 = 0
  /// Words that lie wholly below it + this have not been written since.
  var untouchedBelow: Int32 = .min

  /// None.
  init() {}

  /// The stack pointer that aligning `address`, which lies in the frame, has made.
  init(_ pointer: AbstractValue, below address: AbstractValue) {
    base = pointer.base
    top = address.offset
    untouchedBelow = 0
  }

  /// Whether the word at `address` has not been written since.
  @inline(__always)
  func isUntouched(_ address: AbstractValue) -> Bool {
    base != 0 && address.base == base && Int64(address.offset) + 8 <= Int64(untouchedBelow)
  }

  /// Whether `value` is certainly an address below the CFA.
  func isBelowCFA(_ value: AbstractValue) -> Bool {
    base != 0 && value.base == base && Int64(top) + Int64(value.offset) < 0
  }

  /// Something is written at `address`.
  mutating func noteStore(at address: AbstractValue) {
    if base != 0, address.base == base, address.offset < untouchedBelow { untouchedBelow = address.offset }
  }

  /// A called function has its frame below `address`, and leaves nothing there to rely on.
  mutating func forget(below address: AbstractValue) {
    guard base != 0 else { return }
    if address.base == base {
      untouchedBelow = Swift.max(untouchedBelow, address.offset)
    } else {
      untouchedBelow = .min
    }
  }

  /// Keeps what is true of this and another.
  ///
  /// - Returns: whether anything was lost.
  mutating func meet(_ other: AlignedStack) -> Bool {
    let old = self
    if base != other.base {
      self = AlignedStack()
    } else {
      top = Swift.max(top, other.top)
      untouchedBelow = Swift.min(untouchedBelow, other.untouchedBelow)
    }
    return self != old
  }
}
