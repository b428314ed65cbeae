package import CallFrameInfo

/// What a row says of the values that unwinders recover, expressions as bytes: comparable between files.
package struct RowMeaning: Sendable, Hashable {
  /// DWARF numbers of what is compared: rbx, rbp, rsp, r12 to r15. No unwinder recovers the others, whose values a call destroys.
  package static let registers: [UInt16] = [3, 6, 7, 12, 13, 14, 15]

  enum Rule: Sendable, Hashable {
    case unspecified
    case undefined
    case offset(Int64)
    case valueOffset(Int64)
    case register(UInt16)
    case expression([UInt8])
    case valueExpression([UInt8])
  }

  enum CFA: Sendable, Hashable {
    case unspecified
    case register(UInt16, Int64)
    case expression([UInt8])
  }

  let cfa: CFA
  let returnAddress: Rule
  /// In the order of `registers`.
  let rules: [Rule]

  package init(_ row: Row, cie: CIE, in section: CallFrameSection) {
    func bytes(_ block: ExpressionBlock) -> [UInt8] {
      Array(section.bytes[block.range.clamped(to: 0..<section.bytes.count)])
    }
    func rule(_ register: UInt16) -> Rule {
      guard register <= RegisterRules.highestRegister else { return .unspecified }
      return switch row.registers[register] {
      case .unspecified, .sameValue: .unspecified
      case .undefined: .undefined
      case .offset(let offset): .offset(offset)
      case .valueOffset(let offset): .valueOffset(offset)
      case .register(let other): .register(other)
      case .expression(let block): .expression(bytes(block))
      case .valueExpression(let block): .valueExpression(bytes(block))
      }
    }
    switch row.cfa {
    case .unspecified: cfa = .unspecified
    case .register(let register, let offset): cfa = .register(register, offset)
    case .expression(let block): cfa = .expression(bytes(block))
    }
    returnAddress = rule(cie.returnAddressRegister)
    rules = Self.registers.map(rule)
  }
}

extension RowMeaning {
  /// Those of `registers` that the row declares lost, bit n for DWARF number n.
  package var lostRegisters: UInt16 {
    zip(Self.registers, rules).reduce(0) { $1.1 == .undefined ? $0 | 1 << $1.0 : $0 }
  }

  /// Carries out the row. A return address without a rule is lost; a register without one keeps its value, rsp is then the CFA.
  package func frame(_ context: some EvaluationContext) -> RecoveredFrame {
    var frame = RecoveredFrame()
    switch cfa {
    case .unspecified: return frame
    case .register(let register, let offset):
      frame.cfa = context.register(register).map { $0 &+ UInt64(bitPattern: offset) }
    case .expression(let block): frame.cfa = Self.evaluate(block, [], context)
    }
    guard let cfa = frame.cfa else { return frame }
    if returnAddress != .unspecified { frame.returnAddress = value(of: 16, returnAddress, cfa, context) }
    for (index, register) in Self.registers.enumerated() {
      frame.registers[index] =
        register == 7 && rules[index] == .unspecified ? cfa : value(of: register, rules[index], cfa, context)
    }
    return frame
  }

  private func value(
    of register: UInt16, _ rule: Rule, _ cfa: UInt64, _ context: some EvaluationContext
  ) -> UInt64? {
    switch rule {
    case .unspecified: context.register(register)
    case .undefined: nil
    case .offset(let offset): context.memory(at: cfa &+ UInt64(bitPattern: offset), size: 8)
    case .valueOffset(let offset): cfa &+ UInt64(bitPattern: offset)
    case .register(let other): context.register(other)
    case .expression(let block):
      Self.evaluate(block, [cfa], context).flatMap { context.memory(at: $0, size: 8) }
    case .valueExpression(let block): Self.evaluate(block, [cfa], context)
    }
  }

  private static func evaluate(_ block: [UInt8], _ initial: [UInt64], _ context: some EvaluationContext) -> UInt64? {
    let section = CallFrameSection(.ehFrame, source: "expression", bytes: block, address: 0)
    return try? ExpressionEvaluator.evaluate(
      ExpressionBlock(offset: 0, count: block.count), in: section, initial: initial, context: context)
  }
}
