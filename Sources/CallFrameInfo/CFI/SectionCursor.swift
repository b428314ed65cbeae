/// Reads little-endian fields of a section one after another, never beyond `end`. Each is named for the error.
struct SectionCursor: Sendable {
  /// What it reads.
  let section: CallFrameSection
  /// Where the next field starts; at most `end`.
  private(set) var offset: Int
  /// Where the record ends; at most the size of the section.
  private(set) var end: Int

  /// A cursor over `range`, which is clamped to what is there.
  init(_ section: CallFrameSection, _ range: Range<Int>) {
    let clamped = range.clamped(to: 0..<section.bytes.count)
    self.section = section
    offset = clamped.lowerBound
    end = clamped.upperBound
  }

  var remaining: Int { end - offset }
  var isAtEnd: Bool { offset == end }

  /// Ends it earlier: at `newEnd`, which must not be beyond `end` or before `offset`.
  mutating func close(at newEnd: Int) {
    precondition(newEnd >= offset && newEnd <= end)
    end = newEnd
  }

  /// Moves to another place before `end`.
  mutating func move(to newOffset: Int) {
    precondition(newOffset >= 0 && newOffset <= end)
    offset = newOffset
  }

  /// The error of a field that the bytes end inside of.
  private func truncated(_ field: StaticString, at place: Int) -> CallFrameError {
    section.error(.truncated, at: place, "truncated: \(field) does not fit in the \(end - place) bytes that are left")
  }

  mutating func skip(_ count: UInt64, _ field: StaticString) throws(CallFrameError) {
    guard count <= UInt64(remaining) else { throw truncated(field, at: offset) }
    offset += Int(count)
  }

  mutating func byte(_ field: StaticString) throws(CallFrameError) -> UInt8 {
    guard offset < end else { throw truncated(field, at: offset) }
    let value = section.bytes[offset]
    offset += 1
    return value
  }

  mutating func integer<Value: FixedWidthInteger>(
    _ type: Value.Type, _ field: StaticString
  ) throws(CallFrameError) -> Value {
    let size = MemoryLayout<Value>.size
    guard size <= end - offset else { throw truncated(field, at: offset) }
    let value = section.bytes.loadLittleEndian(offset, as: type)
    offset += size
    return value
  }

  /// An unsigned number of 1, 2, 4 or 8 bytes.
  mutating func unsigned(size: UInt8, _ field: StaticString) throws(CallFrameError) -> UInt64 {
    switch size {
    case 1: UInt64(try byte(field))
    case 2: UInt64(try integer(UInt16.self, field))
    case 4: UInt64(try integer(UInt32.self, field))
    default: try integer(UInt64.self, field)
    }
  }

  /// DWARF 5, §7.6. Padding with zero bits beyond 64 is allowed.
  mutating func uleb(_ field: StaticString) throws(CallFrameError) -> UInt64 {
    let start = offset
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while offset < end {
      let byte = section.bytes[offset]
      offset += 1
      let bits = UInt64(byte & 0x7f)
      if shift < 64 {
        guard shift < 58 || (bits << shift) >> shift == bits else { throw tooLong(field, at: start) }
        value |= bits << shift
      } else if bits != 0 {
        throw tooLong(field, at: start)
      }
      if byte & 0x80 == 0 { return value }
      shift += 7
    }
    throw truncated(field, at: start)
  }

  /// DWARF 5, §7.6. Padding with copies of the sign beyond 64 bits is allowed.
  mutating func sleb(_ field: StaticString) throws(CallFrameError) -> Int64 {
    let start = offset
    var value: Int64 = 0
    var shift: Int64 = 0
    while offset < end {
      let byte = section.bytes[offset]
      offset += 1
      let bits = Int64(byte & 0x7f)
      if shift < 63 {
        value |= bits << shift
      } else {
        // From bit 63 on everything must repeat the sign, which at shift 63 the lowest bit gives.
        if shift == 63 { value |= bits << 63 }
        guard bits == (value < 0 ? 0x7f : 0) else { throw tooLong(field, at: start) }
      }
      shift += 7
      if byte & 0x80 == 0 {
        if shift < 64, byte & 0x40 != 0 { value |= -1 << shift }
        return value
      }
    }
    throw truncated(field, at: start)
  }

  /// A register number.
  mutating func register(_ field: StaticString) throws(CallFrameError) -> UInt16 {
    let start = offset
    let number = try uleb(field)
    guard let register = UInt16(exactly: number) else {
      throw section.error(.malformed, at: start, "\(field) is \(number), expected at most 65535")
    }
    return register
  }

  /// The bytes behind a length.
  mutating func block(_ field: StaticString) throws(CallFrameError) -> ExpressionBlock {
    let count = try uleb(field)
    let start = offset
    try skip(count, field)
    return ExpressionBlock(offset: start, count: Int(count))
  }

  private func tooLong(_ field: StaticString, at start: Int) -> CallFrameError {
    section.error(.malformed, at: start, "\(field) is a LEB128 number of more than 64 bits")
  }
}
