/// The instructions of a CIE or FDE, one after another, with their offsets.
public struct CFAInstructionReader: Sendable {
  private var cursor: SectionCursor
  private let cie: CIE
  private let function: UInt64?
  /// Offset in the section of the instruction that `next()` read last.
  public private(set) var offset: Int

  /// The initial instructions of a CIE of `section`.
  public init(of cie: CIE, in section: CallFrameSection) {
    cursor = SectionCursor(section, cie.instructions)
    self.cie = cie
    function = nil
    offset = cie.instructions.lowerBound
  }

  /// The instructions of an FDE of `section`, whose CIE is `cie`.
  public init(of fde: FDE, cie: CIE, in section: CallFrameSection) {
    cursor = SectionCursor(section, fde.instructions)
    self.cie = cie
    function = fde.addresses.lowerBound
    offset = fde.instructions.lowerBound
  }

  /// The next instruction, nil after the last. O(1).
  ///
  /// - Throws: `unsupported` for an opcode that is none, `truncated` or `malformed` for its operands. Nothing can be
  ///   read after that: the next call returns nil.
  public mutating func next() throws(CallFrameError) -> CFAInstruction? {
    offset = cursor.offset
    if cursor.isAtEnd { return nil }
    do throws(CallFrameError) {
      return try instruction()
    } catch {
      cursor.move(to: cursor.end)
      throw error
    }
  }

  private mutating func instruction() throws(CallFrameError) -> CFAInstruction {
    let opcode = try cursor.byte("an opcode")
    switch opcode >> 6 {
    case 1: return .advanceLocation(delta: opcode & 0x3f)
    case 2: return .offset(register: UInt16(opcode & 0x3f), factored: try cursor.uleb("an offset"))
    case 3: return .restore(register: UInt16(opcode & 0x3f))
    default: break
    }
    switch opcode {
    case 0x00: return .nop
    case 0x01: return .setLocation(try location())
    case 0x02: return .advanceLocation1(delta: try cursor.byte("a delta"))
    case 0x03: return .advanceLocation2(delta: try cursor.integer(UInt16.self, "a delta"))
    case 0x04: return .advanceLocation4(delta: try cursor.integer(UInt32.self, "a delta"))
    case 0x05: return .offsetExtended(register: try register(), factored: try cursor.uleb("an offset"))
    case 0x06: return .restoreExtended(register: try register())
    case 0x07: return .undefined(register: try register())
    case 0x08: return .sameValue(register: try register())
    case 0x09: return .register(register: try register(), source: try register())
    case 0x0a: return .rememberState
    case 0x0b: return .restoreState
    case 0x0c: return .defineCFA(register: try register(), offset: try cursor.uleb("an offset"))
    case 0x0d: return .defineCFARegister(register: try register())
    case 0x0e: return .defineCFAOffset(offset: try cursor.uleb("an offset"))
    case 0x0f: return .defineCFAExpression(try cursor.block("an expression"))
    case 0x10: return .expression(register: try register(), try cursor.block("an expression"))
    case 0x11: return .offsetExtendedSigned(register: try register(), factored: try cursor.sleb("an offset"))
    case 0x12: return .defineCFASigned(register: try register(), factored: try cursor.sleb("an offset"))
    case 0x13: return .defineCFAOffsetSigned(factored: try cursor.sleb("an offset"))
    case 0x14: return .valueOffset(register: try register(), factored: try cursor.uleb("an offset"))
    case 0x15: return .valueOffsetSigned(register: try register(), factored: try cursor.sleb("an offset"))
    case 0x16: return .valueExpression(register: try register(), try cursor.block("an expression"))
    case 0x1d: return .mipsAdvanceLocation8(delta: try cursor.integer(UInt64.self, "a delta"))
    case 0x2c: return .aarch64NegateReturnAddressStateWithPC
    case 0x2d: return .gnuWindowSave
    case 0x2e: return .gnuArgumentsSize(try cursor.uleb("a size of arguments"))
    case 0x2f: return .gnuNegativeOffsetExtended(register: try register(), factored: try cursor.uleb("an offset"))
    default:
      throw cursor.section.error(
        .unsupported, at: offset, "opcode 0x\(String(opcode, radix: 16)), which is no instruction known here")
    }
  }

  private mutating func register() throws(CallFrameError) -> UInt16 { try cursor.register("a register number") }

  /// The address of `DW_CFA_set_loc`: encoded like the FDE's first one.
  private mutating func location() throws(CallFrameError) -> UInt64 {
    guard cie.pointerEncoding != .omit, !cie.pointerEncoding.isIndirect else {
      throw cursor.section.error(.noBase, at: offset, "DW_CFA_set_loc with an encoding that is not in the file")
    }
    let bases = cursor.section.bases(addressSize: cie.addressSize, function: function)
    return try cursor.pointer(cie.pointerEncoding, bases, "the address of DW_CFA_set_loc").value
  }
}
