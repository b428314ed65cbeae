internal import CallFrameInfo

/// One CIE's or FDE's instructions being executed.
struct ProgramRun {
  private let findings: LintFindings
  private let section: CallFrameSection
  private let cie: CIE
  /// Index of the FDE, nil for a CIE's program.
  private let index: Int?
  /// What the FDE covers.
  private let addresses: Range<UInt64>
  /// The state after the CIE's instructions, nil for these themselves.
  private let initial: ProgramState?
  private var reader: CFAInstructionReader
  private var state = ProgramState()
  /// Where the row that is being made starts.
  private var location: UInt64
  private var remembered: [(state: ProgramState, offset: Int)] = []
  /// Nobody calls it: the file's entry point is in it.
  private let isEntry: Bool
  /// A row before had a return address.
  private var hadReturnAddress = false
  /// Ids of the rules broken so far: one finding of each a program.
  private var broken: [String] = []

  /// The instructions of a CIE.
  init(of cie: CIE, in section: CallFrameSection, _ findings: LintFindings) {
    self.findings = findings
    self.section = section
    self.cie = cie
    index = nil
    addresses = 0..<0
    location = 0
    initial = nil
    isEntry = false
    reader = CFAInstructionReader(of: cie, in: section)
  }

  /// The instructions of an FDE, after those of its CIE.
  init(
    of fde: FDE, index: Int, cie: CIE, in section: CallFrameSection, after state: ProgramState, isEntry: Bool,
    _ findings: LintFindings
  ) {
    self.findings = findings
    self.section = section
    self.cie = cie
    self.index = index
    self.state = state
    initial = state
    self.isEntry = isEntry
    addresses = fde.addresses
    location = addresses.lowerBound
    reader = CFAInstructionReader(of: fde, cie: cie, in: section)
  }

  /// Executes all; nil where an instruction makes what follows it meaningless. Linear in the instructions.
  mutating func finalState() -> ProgramState? {
    do throws(CallFrameError) {
      while let instruction = try reader.next() {
        guard execute(instruction) else { return nil }
      }
    } catch {
      let rule: Rule =
        switch error.code {
        case .unsupported: .cfaOpcode
        case .noBase: .pointerEncoding
        default: .cfaOperand
        }
      add(rule, at: error.offset, error.text)
      return nil
    }
    if index != nil, location < addresses.upperBound { endRow() }
    if let left = remembered.last {
      add(
        .rememberWithoutRestore, at: left.offset,
        "\(remembered.count) remembered \(remembered.count == 1 ? "state is" : "states are") left at the end")
    }
    return state
  }

  /// - Parameter severity: if it is not the rule's, or a note in the outermost frame, where nobody needs a row to go on.
  private mutating func add(_ rule: Rule, severity: Severity? = nil, at offset: Int? = nil, _ text: String) {
    if broken.contains(rule.id) { return }
    broken.append(rule.id)
    let isOutermost = index != nil && state.returnAddress == .undefined
    findings.add(
      rule, severity: severity ?? (isOutermost ? .note : rule.severity), section: section.name,
      offset: offset ?? reader.offset, fde: index, address: index.map { _ in location }, text)
  }
}

extension ProgramRun {
  /// False where nothing after it can be understood.
  private mutating func execute(_ instruction: CFAInstruction) -> Bool {
    if instruction.isForeign {
      add(.cfaOpcode, "DW_CFA_\(instruction.name), which x86-64 does not have")
      return false
    }
    if let delta = instruction.delta { return advance(instruction, by: delta) }
    if case .setLocation(let target) = instruction { return advance(instruction, to: target) }
    checkOperands(of: instruction)
    switch instruction {
    case .defineCFA, .defineCFASigned: state.cfa = .register
    case .defineCFAExpression(let block):
      state.cfa = .expression
      check(block, depth: 0)
    case .defineCFARegister, .defineCFAOffset, .defineCFAOffsetSigned: changeCFA(instruction)
    case .rememberState:
      remembered.append((state, reader.offset))
      if remembered.count == Rows.deepestState + 1 {
        add(.rememberDepth, "more than \(Rows.deepestState) states are remembered at a time")
      }
    case .restoreState:
      if let last = remembered.popLast() {
        state = last.state
      } else {
        add(.restoreWithoutRemember, "DW_CFA_restore_state where no state is remembered")
      }
    case .expression(_, let block), .valueExpression(_, let block): check(block, depth: 1)
    default: break
    }
    if let register = instruction.ruledRegister { setRule(of: register, instruction) }
    return true
  }

  private mutating func setRule(of register: UInt16, _ instruction: CFAInstruction) {
    var rule = ProgramState.ReturnAddress.found
    switch instruction {
    case .undefined: rule = .undefined
    case .sameValue: rule = .unspecified
    case .restore, .restoreExtended:
      guard let initial else {
        add(.cfaMisplaced, "DW_CFA_\(instruction.name) in a CIE, whose rules it would restore")
        return
      }
      rule = initial.returnAddress
    default: break
    }
    if register == cie.returnAddressRegister { state.returnAddress = rule }
  }

  /// An instruction that keeps the register or the offset of the CFA.
  private mutating func changeCFA(_ instruction: CFAInstruction) {
    switch state.cfa {
    case .register: break
    case .undefined:
      add(.cfaNotDefined, "DW_CFA_\(instruction.name) where no CFA is defined that it could change")
      // What was meant is known, and reported: what follows is not at fault.
      state.cfa = .register
    case .expression:
      add(.cfaMisplaced, "DW_CFA_\(instruction.name) where the CFA is an expression, which has no register and offset")
    }
  }

  private mutating func checkOperands(of instruction: CFAInstruction) {
    if let register = instruction.ruledRegister, register > 16 {
      let severity: Severity = register <= 129 && !RegisterNames.name(register).hasPrefix("reg") ? .warning : .error
      add(
        .registerOutOfRange, severity: severity,
        "DW_CFA_\(instruction.name) of register \(register) (\(RegisterNames.name(register))), expected at most 16")
    }
    if let register = instruction.readRegister, register > 16 {
      add(.registerOutOfRange, "DW_CFA_\(instruction.name) reads register \(register), expected at most 16")
    }
    if let factor = instruction.factor, factor.multipliedReportingOverflow(by: cie.dataAlignment).overflow {
      add(.cfaOperand, "DW_CFA_\(instruction.name) with an offset of more than 63 bits")
    }
  }

  private mutating func check(_ block: ExpressionBlock, depth: Int) {
    for fault in ExpressionLint(block, in: section, cie: cie, depth: depth).faults() {
      add(fault.rule, at: fault.offset, fault.text)
    }
  }
}

extension ProgramRun {
  private mutating func advance(_ instruction: CFAInstruction, by delta: UInt64) -> Bool {
    let (distance, tooFar) = delta.multipliedReportingOverflow(by: cie.codeAlignment)
    let (target, beyond) = location.addingReportingOverflow(distance)
    return advance(instruction, to: tooFar || beyond ? .max : target)
  }

  private mutating func advance(_ instruction: CFAInstruction, to target: UInt64) -> Bool {
    guard index != nil else {
      add(.cfaMisplaced, "DW_CFA_\(instruction.name) in a CIE, which has no addresses")
      return true
    }
    if target < location {
      add(
        .advanceBack,
        "DW_CFA_\(instruction.name) goes back from \(hexadecimal(location)) to \(hexadecimal(target))")
      return false
    }
    if target > location, location < addresses.upperBound { endRow() }
    if target > addresses.upperBound {
      add(
        .advancePastEnd,
        "DW_CFA_\(instruction.name) goes to \(hexadecimal(target)), "
          + "beyond the FDE's end at \(hexadecimal(addresses.upperBound))")
      return false
    }
    location = target
    return true
  }

  /// Looks at a row that holds for at least one address.
  private mutating func endRow() {
    if state.cfa == .undefined { add(.cfaNotDefined, "nothing says what the CFA is from \(hexadecimal(location)) on") }
    switch state.returnAddress {
    case .found: hadReturnAddress = true
    case .unspecified:
      add(
        .returnAddressRule,
        "nothing says where the return address is from \(hexadecimal(location)) on")
    case .undefined:
      guard hadReturnAddress, !isEntry else { break }
      add(
        .returnAddressUndefined, severity: Rule.returnAddressUndefined.severity,
        "the return address is undefined from \(hexadecimal(location)) on, and is not before")
    }
  }
}
