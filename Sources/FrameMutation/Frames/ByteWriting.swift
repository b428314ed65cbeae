extension [UInt8] {
  /// Appends a number, little-endian.
  mutating func append<Value: FixedWidthInteger>(little value: Value) {
    for index in 0..<Value.bitWidth / 8 { append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
  }

  /// Appends a number as ULEB128 (DWARF 5, §7.6).
  mutating func append(uleb value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  /// Appends a number as SLEB128 (DWARF 5, §7.6).
  mutating func append(sleb value: Int64) {
    var rest = value
    while rest < -64 || rest >= 64 {
      append(UInt8(truncatingIfNeeded: rest & 0x7f) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest & 0x7f))
  }

  /// Writes a number over the bytes at `offset`, which must all be there.
  mutating func write<Value: FixedWidthInteger>(little value: Value, at offset: Int) {
    for index in 0..<Value.bitWidth / 8 { self[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
  }

  /// The little-endian number at `offset`; nil where the bytes end before it does.
  func number<Value: FixedWidthInteger>(at offset: Int, as type: Value.Type) -> Value? {
    let size = Value.bitWidth / 8
    guard offset >= 0, offset <= count - size else { return nil }
    return (0..<size).reduce(0) { $0 | Value(truncatingIfNeeded: self[offset + $1]) << (8 * $1) }
  }
}
