internal import Instructions

/// What is known of a word in a register or in memory, in terms of the frame's entry: a base and a number of bytes added to it.
///
/// Two values of different bases are different words, but for chance; of `unknown` nothing is known, not even that.
struct AbstractValue: Sendable, Hashable {
  /// `base` in the lower half, `offset` in the upper: one word, since values are compared all the time.
  private let bits: UInt64

  /// Which word, in numbers of this type's own.
  var base: UInt32 { UInt32(truncatingIfNeeded: bits) }
  /// Bytes added to it; no number of `unknown`, `computed` and `gone`.
  var offset: Int32 { Int32(truncatingIfNeeded: bits >> 32) }

  private init(base: UInt32, offset: Int32) {
    bits = UInt64(UInt32(bitPattern: offset)) << 32 | UInt64(base)
  }

  private static var firstEntry: UInt32 { 6 }
  private static var firstSymbol: UInt32 { 32 }

  /// Anything.
  static var unknown: AbstractValue { AbstractValue(base: 0, offset: 0) }
  /// Something that this function or one it called computed: no register's value at entry, and not the return address.
  static var computed: AbstractValue { AbstractValue(base: 1, offset: 0) }
  /// What a called function left in a register that it need not preserve, where there was nothing of the frame before: `computed`, and
  /// no address of a frame either. (Assembly knows what its own helpers leave alone.)
  static var gone: AbstractValue { AbstractValue(base: 1, offset: 1) }
  /// One of several words, by the way control came: no callee-saved register's value at entry, and not the return address.
  static var mixed: AbstractValue { AbstractValue(base: 2, offset: 0) }
  /// The canonical frame address: rsp before the call that made this frame.
  static var cfa: AbstractValue { AbstractValue(base: 3, offset: 0) }
  /// Where this function returns to.
  static var returnAddress: AbstractValue { AbstractValue(base: 4, offset: 0) }

  /// What a register had when the function was entered.
  static func entry(_ register: Int) -> AbstractValue {
    AbstractValue(base: firstEntry + UInt32(register), offset: 0)
  }

  /// A number; those beyond 32 bits are `computed`.
  static func constant(_ number: Int64) -> AbstractValue {
    Int32(exactly: number).map { AbstractValue(base: 5, offset: $0) } ?? computed
  }

  /// What the instruction of this index, below 2^31, last made: an aligned stack pointer, say.
  static func symbol(of instruction: Int) -> AbstractValue {
    AbstractValue(base: firstSymbol + UInt32(instruction), offset: 0)
  }

  /// A symbol of its own for what a register has where nothing is known of it.
  static func symbol(ofRegister register: Int, at instruction: Int) -> AbstractValue {
    AbstractValue(
      base: 0x8000_0000 + UInt32(register) << 26 + UInt32(truncatingIfNeeded: instruction & 0x3ff_ffff), offset: 0)
  }

  /// Nothing is known of it.
  var isUnknown: Bool { base == 0 }
  /// It is no register's value at entry and not the return address, and nothing else is known of it: `computed` or `gone`.
  var isComputed: Bool { base == 1 }
  /// It is an address in the frame, or may be one.
  var mayLeadToFrame: Bool { isUnknown || isFrameAddress || base >= Self.firstSymbol }
  /// It is at a known distance from some word.
  var isPlace: Bool { base > 2 }
  /// It is the CFA plus a number.
  var isFrameAddress: Bool { base == 3 }
  /// The number, nil for anything else.
  var constant: Int32? { base == 5 ? offset : nil }
  /// The register whose value at entry it is, plus a number; nil for anything else.
  var entryRegister: Int? {
    base >= Self.firstEntry && base < Self.firstEntry + 16 ? Int(base - Self.firstEntry) : nil
  }
  /// The value at entry of a register a called function preserves, rsp aside, unchanged.
  var isCalleeSaved: Bool {
    guard offset == 0, let register = entryRegister else { return false }
    return RegisterSet.calleeSaved.rawValue >> UInt16(register) & 1 != 0
  }

  /// This plus `number` bytes; unknown where that goes beyond 32 bits.
  func adding(_ number: Int64) -> AbstractValue {
    if base <= 2 { return self }
    guard let sum = Int32(exactly: Int64(offset) &+ number) else { return .unknown }
    return AbstractValue(base: base, offset: sum)
  }

  /// What is known of a word that is one or the other.
  func meet(_ other: AbstractValue) -> AbstractValue {
    if self == other { return self }
    // Neither a computed word nor a number is a register's value at entry.
    if isNew, other.isNew { return .computed }
    return isOfNoConcern && other.isOfNoConcern ? .mixed : .unknown
  }

  private var isNew: Bool { base == 1 || base == 5 }

  /// It is certainly nothing that a caller wants back.
  private var isOfNoConcern: Bool {
    switch base {
    case 1, 2, 3, 5: true
    case Self.firstEntry..<Self.firstEntry + 16:
      RegisterSet.callerSaved.rawValue >> UInt16(base - Self.firstEntry) & 1 != 0
    default: false
    }
  }
}
