/// One relocation (gABI, chapter 4, "Relocation").
struct Relocation: Sendable, Hashable {
  /// Size of an Elf64_Rela in bytes.
  static let sizeWithAddend = 24
  /// Size of an Elf64_Rel in bytes.
  static let size = 16

  /// Offset of the field in its section.
  let offset: UInt64
  /// Index in the table of symbols, 0 for none.
  let symbol: UInt32
  /// How the field is made.
  let kind: Kind
  /// The addend, nil if it is what the field holds.
  let addend: Int64?

  /// The one at `offset` in `bytes`, nil where they end inside it.
  init?(_ bytes: [UInt8], at offset: Int, hasAddend: Bool) {
    guard let place: UInt64 = bytes.littleEndian(offset), let information: UInt64 = bytes.littleEndian(offset + 8)
    else { return nil }
    if hasAddend {
      guard let addend: Int64 = bytes.littleEndian(offset + 16) else { return nil }
      self.addend = addend
    } else {
      addend = nil
    }
    self.offset = place
    symbol = UInt32(information >> 32)
    kind = Kind(rawValue: UInt32(truncatingIfNeeded: information))
  }

  /// `ELF64_R_TYPE` (x86-64 psABI 1.0, table 4.9).
  struct Kind: RawRepresentable, Sendable, Hashable {
    let rawValue: UInt32

    /// How a field is made of symbol S, addend A, its own address P, the symbol's size Z: the formula, the width in bytes, what
    /// values the field can hold.
    var form: Form? {
      switch rawValue {
      case 0: Form(.nothing, 0, .any)  // NONE
      case 1: Form(.address, 8, .any)  // 64: S + A
      case 2, 4: Form(.distance, 4, .signed)  // PC32: S + A - P; PLT32: the same, where a call needs no linkage table
      case 8: Form(.base, 8, .any)  // RELATIVE: B + A, with base address B = 0
      case 10: Form(.address, 4, .unsigned)  // 32
      case 11: Form(.address, 4, .signed)  // 32S
      case 12: Form(.address, 2, .any)  // 16
      case 13: Form(.distance, 2, .signed)  // PC16
      case 14: Form(.address, 1, .any)  // 8
      case 15: Form(.distance, 1, .signed)  // PC8
      case 24: Form(.distance, 8, .any)  // PC64
      case 32: Form(.size, 4, .unsigned)  // SIZE32: Z + A
      case 33: Form(.size, 8, .any)  // SIZE64
      default: nil
      }
    }
  }

  /// How a field is made.
  struct Form {
    enum Formula { case nothing, address, distance, base, size }
    enum Values { case any, signed, unsigned }

    let formula: Formula
    /// In bytes.
    let width: Int
    /// Of those narrower than 64 bits, what they can stand for.
    let values: Values

    init(_ formula: Formula, _ width: Int, _ values: Values) {
      self.formula = formula
      self.width = width
      self.values = values
    }

    /// The field can hold `value`.
    func holds(_ value: UInt64) -> Bool {
      switch values {
      case .any: true
      case .signed: value == UInt64(bitPattern: (Int64(bitPattern: value) << (64 - 8 * width)) >> (64 - 8 * width))
      case .unsigned: value == (value << (64 - 8 * width)) >> (64 - 8 * width)
      }
    }
  }
}
