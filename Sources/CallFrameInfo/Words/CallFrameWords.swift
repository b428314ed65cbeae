/// Rules, rows and instructions in words.
///
/// | rule | words |
/// |---|---|
/// | CFA is register + N | `rsp + 16`, `rbp - 8`, `rsp + 0` |
/// | CFA is an expression | `*(rbp)`, `rsp + 8 + (((rip & 15) >= 11) << 3)` |
/// | saved at CFA + N | `rbp = *(CFA - 16)` |
/// | is CFA + N | `rsp = CFA + 0` |
/// | unchanged, lost, in another register | `r12 = same`, `rbx = undefined`, `rip = rcx` |
/// | saved at an expression's address | `rbp = *(rbp)` |
/// | is an expression's value | `rsp = rbp + 16` |
/// | an expression with branches, or one that computes no value | its operations in brackets: `[breg6 0; bra +3; deref]` |
public struct CallFrameWords: Sendable {
  private let expressions: ExpressionWords
  private let cie: CIE?

  /// Words for what is in `section`.
  ///
  /// - Parameters:
  ///   - section: whose bytes hold the expressions.
  ///   - cie: the CIE of what is described: it gives addresses in expressions their size, and offsets of instructions
  ///     their factor.
  public init(_ section: CallFrameSection, cie: CIE? = nil) {
    expressions = ExpressionWords(section: section, cie: cie)
    self.cie = cie
  }

  /// The CFA: "rsp + 16"; "unspecified" where nothing says it.
  public func describe(_ cfa: CFARule) -> String {
    switch cfa {
    case .unspecified: "unspecified"
    case .register(let register, let offset): "\(RegisterNames.name(register)) \(Term.signed(offset))"
    case .expression(let block): describe(expression: block)
    }
  }

  /// A register with its rule: "rbp = *(CFA - 16)".
  public func describe(_ register: UInt16, _ rule: RegisterRule) -> String {
    "\(RegisterNames.name(register)) = \(describe(rule))"
  }

  /// A rule alone: "*(CFA - 16)", "same".
  public func describe(_ rule: RegisterRule) -> String {
    switch rule {
    case .unspecified: "unspecified"
    case .undefined: "undefined"
    case .sameValue: "same"
    case .offset(let offset): "*(\(Self.cfa(plus: offset)))"
    case .valueOffset(let offset): Self.cfa(plus: offset)
    case .register(let register): RegisterNames.name(register)
    case .expression(let block): "*(\(describe(expression: block, ofRegister: true)))"
    case .valueExpression(let block): describe(expression: block, ofRegister: true)
    }
  }

  /// A row: the CFA, then every register that has a rule: "CFA = rsp + 16, rbp = *(CFA - 16), rip = *(CFA - 8)".
  public func describe(_ row: Row) -> String {
    var parts = ["CFA = \(describe(row.cfa))"]
    for (register, rule) in row.registers { parts.append(describe(register, rule)) }
    if row.argumentsSize != 0 { parts.append("arguments \(row.argumentsSize)") }
    return parts.joined(separator: ", ")
  }

  /// An expression as a formula where it is one, else its operations in brackets.
  ///
  /// - Parameters:
  ///   - block: where its operations are.
  ///   - ofRegister: whether it is a register's, which finds the CFA on the stack at its start.
  public func describe(expression block: ExpressionBlock, ofRegister: Bool = false) -> String {
    expressions.formula(block, initial: ofRegister ? [Term(atom: "CFA")] : []) ?? "[\(operations(of: block))]"
  }

  /// The operations of an expression: "breg6 0; bra +3; deref".
  public func operations(of block: ExpressionBlock) -> String { expressions.list(block) }

  /// "CFA - 16", "CFA + 0".
  private static func cfa(plus offset: Int64) -> String { "CFA \(Term.signed(offset))" }
}

extension CallFrameWords {
  /// An instruction with its name: "advance_loc 4", "offset: rbp = *(CFA - 16)", "def_cfa: CFA = rsp + 16".
  public func describe(_ instruction: CFAInstruction) -> String {
    let operands = operands(instruction)
    return operands.isEmpty ? instruction.name : "\(instruction.name)\(operands)"
  }

  private func operands(_ instruction: CFAInstruction) -> String {
    switch instruction {
    case .nop, .rememberState, .restoreState, .gnuWindowSave, .aarch64NegateReturnAddressStateWithPC: return ""
    case .setLocation(let address): return " 0x\(String(address, radix: 16))"
    case .advanceLocation(let delta), .advanceLocation1(let delta): return advance(UInt64(delta))
    case .advanceLocation2(let delta): return advance(UInt64(delta))
    case .advanceLocation4(let delta): return advance(UInt64(delta))
    case .mipsAdvanceLocation8(let delta): return advance(delta)
    case .offset(let register, let factored), .offsetExtended(let register, let factored):
      return rule(register, .offset(multiplied(Int64(bitPattern: factored))))
    case .offsetExtendedSigned(let register, let factored): return rule(register, .offset(multiplied(factored)))
    case .gnuNegativeOffsetExtended(let register, let factored):
      return rule(register, .offset(0 &- multiplied(Int64(bitPattern: factored))))
    case .valueOffset(let register, let factored):
      return rule(register, .valueOffset(multiplied(Int64(bitPattern: factored))))
    case .valueOffsetSigned(let register, let factored): return rule(register, .valueOffset(multiplied(factored)))
    case .restore(let register), .restoreExtended(let register): return ": \(RegisterNames.name(register))"
    case .undefined(let register): return rule(register, .undefined)
    case .sameValue(let register): return rule(register, .sameValue)
    case .register(let register, let source): return rule(register, .register(source))
    case .expression(let register, let block): return rule(register, .expression(block))
    case .valueExpression(let register, let block): return rule(register, .valueExpression(block))
    case .defineCFA(let register, let offset): return cfa(.register(register, offset: Int64(bitPattern: offset)))
    case .defineCFASigned(let register, let factored): return cfa(.register(register, offset: multiplied(factored)))
    case .defineCFARegister(let register): return " \(RegisterNames.name(register))"
    case .defineCFAOffset(let offset): return " \(Term.number(Int64(bitPattern: offset)))"
    case .defineCFAOffsetSigned(let factored): return " \(Term.number(multiplied(factored)))"
    case .defineCFAExpression(let block): return cfa(.expression(block))
    case .gnuArgumentsSize(let size): return " \(size)"
    }
  }

  private func rule(_ register: UInt16, _ rule: RegisterRule) -> String { ": \(describe(register, rule))" }
  private func cfa(_ rule: CFARule) -> String { ": CFA = \(describe(rule))" }
  private func advance(_ delta: UInt64) -> String { " \(delta &* (cie?.codeAlignment ?? 1))" }
  private func multiplied(_ factored: Int64) -> Int64 { factored &* (cie?.dataAlignment ?? 1) }
}
