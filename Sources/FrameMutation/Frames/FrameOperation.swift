internal import CallFrameInfo

/// One call frame instruction that changes a row, whatever opcode it was written with. Offsets that the CIE's data alignment
/// multiplies are factored; expressions carry their bytes.
package enum FrameOperation: Sendable, Hashable {
  /// The CFA is `register` + `offset` bytes.
  case defineCFA(register: UInt16, offset: UInt64)
  /// The CFA is `register` + `factored` × data alignment.
  case defineCFASigned(register: UInt16, factored: Int64)
  case defineCFARegister(UInt16)
  /// In bytes.
  case defineCFAOffset(UInt64)
  case defineCFAOffsetSigned(factored: Int64)
  case defineCFAExpression([UInt8])
  case offset(UInt16, factored: Int64)
  case valueOffset(UInt16, factored: Int64)
  case restore(UInt16)
  case undefined(UInt16)
  case sameValue(UInt16)
  /// The first register's value is in the second one.
  case register(UInt16, UInt16)
  case expression(UInt16, [UInt8])
  case valueExpression(UInt16, [UInt8])
  case rememberState
  case restoreState
  case argumentsSize(UInt64)
  /// Bytes as they are: what no instruction is.
  case raw([UInt8])
}

extension FrameOperation {
  /// The operation of an instruction of `section`; nil for padding, for what advances, and for another machine's.
  init?(_ instruction: CFAInstruction, in section: CallFrameSection) {
    func bytes(_ block: ExpressionBlock) -> [UInt8] {
      Array(section.bytes[block.range.clamped(to: 0..<section.bytes.count)])
    }
    switch instruction {
    case .nop, .setLocation, .advanceLocation, .advanceLocation1, .advanceLocation2, .advanceLocation4,
      .mipsAdvanceLocation8, .aarch64NegateReturnAddressStateWithPC, .gnuWindowSave:
      return nil
    case .offset(let register, let factored), .offsetExtended(let register, let factored):
      self = .offset(register, factored: Int64(clamping: factored))
    case .offsetExtendedSigned(let register, let factored): self = .offset(register, factored: factored)
    case .gnuNegativeOffsetExtended(let register, let factored):
      self = .offset(register, factored: -Int64(clamping: factored))
    case .valueOffset(let register, let factored):
      self = .valueOffset(register, factored: Int64(clamping: factored))
    case .valueOffsetSigned(let register, let factored): self = .valueOffset(register, factored: factored)
    case .restore(let register), .restoreExtended(let register): self = .restore(register)
    case .undefined(let register): self = .undefined(register)
    case .sameValue(let register): self = .sameValue(register)
    case .register(let register, let source): self = .register(register, source)
    case .rememberState: self = .rememberState
    case .restoreState: self = .restoreState
    case .defineCFA(let register, let offset): self = .defineCFA(register: register, offset: offset)
    case .defineCFASigned(let register, let factored):
      self = .defineCFASigned(register: register, factored: factored)
    case .defineCFARegister(let register): self = .defineCFARegister(register)
    case .defineCFAOffset(let offset): self = .defineCFAOffset(offset)
    case .defineCFAOffsetSigned(let factored): self = .defineCFAOffsetSigned(factored: factored)
    case .defineCFAExpression(let block): self = .defineCFAExpression(bytes(block))
    case .expression(let register, let block): self = .expression(register, bytes(block))
    case .valueExpression(let register, let block): self = .valueExpression(register, bytes(block))
    case .gnuArgumentsSize(let size): self = .argumentsSize(size)
    }
  }

  /// The register that it gives a rule, nil for one that changes the CFA or the state.
  package var ruledRegister: UInt16? {
    switch self {
    case .offset(let register, _), .valueOffset(let register, _), .restore(let register), .undefined(let register),
      .sameValue(let register), .register(let register, _), .expression(let register, _),
      .valueExpression(let register, _):
      register
    default: nil
    }
  }

  /// It says how the CFA is found, wholly or in part.
  package var definesCFA: Bool {
    switch self {
    case .defineCFA, .defineCFASigned, .defineCFARegister, .defineCFAOffset, .defineCFAOffsetSigned,
      .defineCFAExpression:
      true
    default: false
    }
  }

  /// Appends its encoding (DWARF 5, §7.24), with the shortest opcode that holds its operands.
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .defineCFA(let register, let offset):
      bytes.append(0x0c)
      bytes.append(uleb: UInt64(register))
      bytes.append(uleb: offset)
    case .defineCFASigned(let register, let factored):
      bytes.append(0x12)
      bytes.append(uleb: UInt64(register))
      bytes.append(sleb: factored)
    case .defineCFARegister(let register): Self.append(0x0d, register, &bytes)
    case .defineCFAOffset(let offset):
      bytes.append(0x0e)
      bytes.append(uleb: offset)
    case .defineCFAOffsetSigned(let factored):
      bytes.append(0x13)
      bytes.append(sleb: factored)
    case .defineCFAExpression(let block):
      bytes.append(0x0f)
      Self.append(block, &bytes)
    case .offset(let register, let factored):
      if factored < 0 {
        Self.append(0x11, register, &bytes)
        bytes.append(sleb: factored)
      } else {
        if register < 64 { bytes.append(0x80 | UInt8(register)) } else { Self.append(0x05, register, &bytes) }
        bytes.append(uleb: UInt64(factored))
      }
    case .valueOffset(let register, let factored):
      Self.append(factored < 0 ? 0x15 : 0x14, register, &bytes)
      if factored < 0 { bytes.append(sleb: factored) } else { bytes.append(uleb: UInt64(factored)) }
    case .restore(let register):
      if register < 64 { bytes.append(0xc0 | UInt8(register)) } else { Self.append(0x06, register, &bytes) }
    case .undefined(let register): Self.append(0x07, register, &bytes)
    case .sameValue(let register): Self.append(0x08, register, &bytes)
    case .register(let register, let source):
      Self.append(0x09, register, &bytes)
      bytes.append(uleb: UInt64(source))
    case .expression(let register, let block):
      Self.append(0x10, register, &bytes)
      Self.append(block, &bytes)
    case .valueExpression(let register, let block):
      Self.append(0x16, register, &bytes)
      Self.append(block, &bytes)
    case .rememberState: bytes.append(0x0a)
    case .restoreState: bytes.append(0x0b)
    case .argumentsSize(let size):
      bytes.append(0x2e)
      bytes.append(uleb: size)
    case .raw(let raw): bytes += raw
    }
  }

  private static func append(_ opcode: UInt8, _ register: UInt16, _ bytes: inout [UInt8]) {
    bytes.append(opcode)
    bytes.append(uleb: UInt64(register))
  }

  private static func append(_ block: [UInt8], _ bytes: inout [UInt8]) {
    bytes.append(uleb: UInt64(block.count))
    bytes += block
  }
}
