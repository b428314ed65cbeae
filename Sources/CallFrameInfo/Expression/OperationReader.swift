/// The operations of an expression, one after another.
public struct OperationReader: Sendable {
  private var cursor: SectionCursor
  private let start: Int
  private let addressSize: UInt8
  private let isDWARF64: Bool

  /// The operations of `block` of `section`; what of it lies beyond the section's end is not there.
  ///
  /// - Parameters:
  ///   - block: where they lie.
  ///   - section: in which bytes.
  ///   - cie: what gives addresses and section offsets their size; by default both are of the usual 8 and 4 bytes.
  public init(_ block: ExpressionBlock, in section: CallFrameSection, cie: CIE? = nil) {
    cursor = SectionCursor(section, block.range)
    start = cursor.offset
    addressSize = cie?.addressSize ?? 8
    isDWARF64 = cie?.isDWARF64 ?? false
  }

  /// The next operation, nil after the last. O(1).
  ///
  /// - Throws: `unsupported` for an opcode that is none, `truncated` or `malformed` for its operands. Nothing can be
  ///   read after that: the next call returns nil.
  public mutating func next() throws(CallFrameError) -> Operation? {
    if cursor.isAtEnd { return nil }
    do throws(CallFrameError) {
      return try operation()
    } catch {
      cursor.move(to: cursor.end)
      throw error
    }
  }

  /// Moves by `distance` bytes from where the next operation starts.
  ///
  /// - Returns: false if that is neither inside the expression nor its end; nothing moves then.
  mutating func skip(_ distance: Int) -> Bool {
    let target = cursor.offset + distance
    guard target >= start, target <= cursor.end else { return false }
    cursor.move(to: target)
    return true
  }

  private mutating func operation() throws(CallFrameError) -> Operation {
    let offset = cursor.offset
    let code = OperationCode(rawValue: try cursor.byte("an operation"))
    guard let operands = code.operands else {
      throw cursor.section.error(
        .unsupported, at: offset, "operation 0x\(String(code.rawValue, radix: 16)), which is none known here")
    }
    var values: (UInt64, UInt64) = (0, 0)
    var block: ExpressionBlock?
    if operands.first == .encodedPointer {
      values = try encodedPointer()
    } else {
      for (index, kind) in operands.enumerated() {
        let value = try operand(kind, &block)
        if index == 0 { values.0 = value } else { values.1 = value }
      }
    }
    return Operation(
      offset: offset, size: cursor.offset - offset, code: code, first: values.0, second: values.1, block: block)
  }

  private mutating func operand(
    _ kind: OperandKind, _ block: inout ExpressionBlock?
  ) throws(CallFrameError) -> UInt64 {
    switch kind {
    case .unsigned1: return UInt64(try cursor.byte("an operand"))
    case .signed1: return UInt64(bitPattern: Int64(Int8(bitPattern: try cursor.byte("an operand"))))
    case .unsigned2: return UInt64(try cursor.integer(UInt16.self, "an operand"))
    case .signed2: return UInt64(bitPattern: Int64(try cursor.integer(Int16.self, "an operand")))
    case .unsigned4: return UInt64(try cursor.integer(UInt32.self, "an operand"))
    case .signed4: return UInt64(bitPattern: Int64(try cursor.integer(Int32.self, "an operand")))
    case .unsigned8, .signed8: return try cursor.integer(UInt64.self, "an operand")
    case .uleb: return try cursor.uleb("an operand")
    case .sleb: return UInt64(bitPattern: try cursor.sleb("an operand"))
    case .address: return try cursor.unsigned(size: addressSize, "an address")
    case .sectionOffset: return try cursor.unsigned(size: isDWARF64 ? 8 : 4, "an offset in a section")
    case .block:
      block = try cursor.block("the bytes of an operand")
    case .shortBlock:
      let count = try cursor.byte("the size of a constant")
      block = ExpressionBlock(offset: cursor.offset, count: Int(count))
      try cursor.skip(UInt64(count), "a constant")
    case .encodedPointer: return try encodedPointer().value
    }
    return 0
  }

  /// The operand of `DW_OP_GNU_encoded_addr`: the address, and how it is encoded.
  private mutating func encodedPointer() throws(CallFrameError) -> (value: UInt64, encoding: UInt64) {
    let encoding = PointerEncoding(rawValue: try cursor.byte("the encoding of an address"))
    if encoding == .omit { return (0, UInt64(encoding.rawValue)) }
    let bases = cursor.section.bases(addressSize: addressSize)
    return (try cursor.pointer(encoding, bases, "an encoded address").value, UInt64(encoding.rawValue))
  }
}
