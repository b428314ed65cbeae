/// One operation of a DWARF expression, its operands as in the file.
public struct Operation: Sendable, Hashable {
  /// Offset of its opcode in the section, in bytes.
  public let offset: Int
  /// Size with operands, in bytes.
  public let size: Int
  /// Which one.
  public let code: OperationCode
  /// The first operand, sign-extended where it is signed; 0 where there is none.
  public let first: UInt64
  /// The second operand likewise; of `DW_OP_GNU_encoded_addr`, whose first is the address, the encoding.
  public let second: UInt64
  /// The operand that is bytes: a constant or another expression.
  public let block: ExpressionBlock?

  /// Where the next one starts.
  public var end: Int { offset + size }
}

/// How an operand is written.
enum OperandKind: Sendable, Hashable {
  case unsigned1
  case signed1
  case unsigned2
  case signed2
  case unsigned4
  case signed4
  case unsigned8
  case signed8
  case uleb
  case sleb
  /// An address of the target's size.
  case address
  /// An offset in another section: 4 bytes, in 64-bit DWARF 8.
  case sectionOffset
  /// Bytes behind a ULEB128 length.
  case block
  /// Bytes behind a length of one byte.
  case shortBlock
  /// An encoding byte and a pointer in it.
  case encodedPointer
}
