/// The general registers of one frame, by DWARF number (see `Registers`). Copied without an allocation.
package struct FrameRegisters: Sendable {
  package static let count = 17
  package static let framePointer: UInt8 = 6
  package static let stackPointer: UInt8 = 7
  package static let programCounter: UInt8 = 16
  /// rbx, rbp, r12 to r15: a function that does not say otherwise gives them back as they were (psABI, figure 3.4).
  package static let calleeSaved: UInt32 = 1 << 3 | 1 << 6 | 0xf << 12
  /// rbp, rsp and the pc.
  package static let walked: UInt32 = 1 << 6 | 1 << 7 | 1 << 16

  private var values: InlineArray<17, UInt64>
  /// Bit n: register n is known.
  private var known: UInt32

  /// None is known.
  package init() {
    values = InlineArray(repeating: 0)
    known = 0
  }

  /// All are known, by DWARF number.
  package init(known values: InlineArray<17, UInt64>) {
    self.values = values
    known = 1 << 17 - 1
  }

  package init(_ registers: Registers) {
    values = InlineArray(repeating: 0)
    known = 0
    for (number, value) in registers.values.enumerated() {
      if let value { self[UInt8(number)] = value }
    }
  }

  /// The value of a register, nil if unknown or none of these. O(1).
  package subscript(number: UInt8) -> UInt64? {
    @inline(__always) get { known >> UInt32(number) & 1 == 1 ? values[Int(number)] : nil }
    @inline(__always) set {
      guard number < UInt8(Self.count) else { return }
      if let newValue {
        values[Int(number)] = newValue
        known |= 1 << UInt32(number)
      } else {
        known &= ~(1 << UInt32(number))
      }
    }
  }

  /// The pc. Every frame has one.
  package var programCounter: UInt64 { values[16] }

  /// Forgets all registers but these.
  @inline(__always) package mutating func keep(_ mask: UInt32) { known &= mask }
}
