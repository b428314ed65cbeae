/// The opcode of an operation (DWARF 5, §7.7.1; GNU's extensions from `dwarf2.def`).
public struct OperationCode: RawRepresentable, Sendable, Hashable {
  /// The byte in the file.
  public let rawValue: UInt8
  /// The opcode with this byte, whether or not it is defined.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Its name without "DW_OP_": "breg7", "plus_uconst", "GNU_entry_value"; nil for one that is not defined.
  public var name: String? {
    switch rawValue {
    case 0x30...0x4f: "lit\(rawValue - 0x30)"
    case 0x50...0x6f: "reg\(rawValue - 0x50)"
    case 0x70...0x8f: "breg\(rawValue - 0x70)"
    default: Self.table[Int(rawValue)]?.name
    }
  }

  /// For lit0 to lit31, the number.
  var literal: UInt64? { (0x30...0x4f).contains(rawValue) ? UInt64(rawValue - 0x30) : nil }
  /// For reg0 to reg31, the register.
  var locationRegister: UInt16? { (0x50...0x6f).contains(rawValue) ? UInt16(rawValue - 0x50) : nil }
  /// For breg0 to breg31, the register.
  var baseRegister: UInt16? { (0x70...0x8f).contains(rawValue) ? UInt16(rawValue - 0x70) : nil }

  /// Its operands, nil for an opcode that is not defined, whose size therefore is not known.
  var operands: [OperandKind]? {
    switch rawValue {
    case 0x30...0x6f: []
    case 0x70...0x8f: Self.signedOperand
    default: Self.table[Int(rawValue)]?.operands
    }
  }

  private static let signedOperand: [OperandKind] = [.sleb]

  private struct Entry: Sendable {
    var name: String
    var operands: [OperandKind]
  }

  /// By opcode; those with a number in their name are not in it.
  private static let table: [Entry?] = {
    var table = [Entry?](repeating: nil, count: 256)
    for (code, name, operands) in definitions { table[Int(code)] = Entry(name: name, operands: operands) }
    return table
  }()

  private static let definitions: [(UInt8, String, [OperandKind])] = [
    (0x03, "addr", [.address]), (0x06, "deref", []),
    (0x08, "const1u", [.unsigned1]), (0x09, "const1s", [.signed1]),
    (0x0a, "const2u", [.unsigned2]), (0x0b, "const2s", [.signed2]),
    (0x0c, "const4u", [.unsigned4]), (0x0d, "const4s", [.signed4]),
    (0x0e, "const8u", [.unsigned8]), (0x0f, "const8s", [.signed8]),
    (0x10, "constu", [.uleb]), (0x11, "consts", [.sleb]),
    (0x12, "dup", []), (0x13, "drop", []), (0x14, "over", []), (0x15, "pick", [.unsigned1]), (0x16, "swap", []),
    (0x17, "rot", []), (0x18, "xderef", []), (0x19, "abs", []), (0x1a, "and", []), (0x1b, "div", []),
    (0x1c, "minus", []), (0x1d, "mod", []), (0x1e, "mul", []), (0x1f, "neg", []), (0x20, "not", []),
    (0x21, "or", []), (0x22, "plus", []), (0x23, "plus_uconst", [.uleb]), (0x24, "shl", []), (0x25, "shr", []),
    (0x26, "shra", []), (0x27, "xor", []), (0x28, "bra", [.signed2]), (0x29, "eq", []), (0x2a, "ge", []),
    (0x2b, "gt", []), (0x2c, "le", []), (0x2d, "lt", []), (0x2e, "ne", []), (0x2f, "skip", [.signed2]),
    (0x90, "regx", [.uleb]), (0x91, "fbreg", [.sleb]), (0x92, "bregx", [.uleb, .sleb]), (0x93, "piece", [.uleb]),
    (0x94, "deref_size", [.unsigned1]), (0x95, "xderef_size", [.unsigned1]), (0x96, "nop", []),
    (0x97, "push_object_address", []), (0x98, "call2", [.unsigned2]), (0x99, "call4", [.unsigned4]),
    (0x9a, "call_ref", [.sectionOffset]), (0x9b, "form_tls_address", []), (0x9c, "call_frame_cfa", []),
    (0x9d, "bit_piece", [.uleb, .uleb]), (0x9e, "implicit_value", [.block]), (0x9f, "stack_value", []),
    (0xa0, "implicit_pointer", [.sectionOffset, .sleb]), (0xa1, "addrx", [.uleb]), (0xa2, "constx", [.uleb]),
    (0xa3, "entry_value", [.block]), (0xa4, "const_type", [.uleb, .shortBlock]), (0xa5, "regval_type", [.uleb, .uleb]),
    (0xa6, "deref_type", [.unsigned1, .uleb]), (0xa7, "xderef_type", [.unsigned1, .uleb]), (0xa8, "convert", [.uleb]),
    (0xa9, "reinterpret", [.uleb]),
    (0xe0, "GNU_push_tls_address", []), (0xf0, "GNU_uninit", []), (0xf1, "GNU_encoded_addr", [.encodedPointer]),
    (0xf2, "GNU_implicit_pointer", [.sectionOffset, .sleb]), (0xf3, "GNU_entry_value", [.block]),
    (0xf4, "GNU_const_type", [.uleb, .shortBlock]), (0xf5, "GNU_regval_type", [.uleb, .uleb]),
    (0xf6, "GNU_deref_type", [.unsigned1, .uleb]), (0xf7, "GNU_convert", [.uleb]), (0xf9, "GNU_reinterpret", [.uleb]),
    (0xfa, "GNU_parameter_ref", [.unsigned4]), (0xfb, "GNU_addr_index", [.uleb]), (0xfc, "GNU_const_index", [.uleb]),
    (0xfd, "GNU_variable_value", [.sectionOffset]),
  ]
}
