internal import CallFrameInfo
internal import Instructions

/// What makes two findings of one function one: the same defect, seen in two places.
struct FindingCause: Hashable {
  var rule: Rule
  var register: Int?
  var value: AbstractValue?
  var target: UInt64?
}

extension FlowCheck {
  /// Writes a finding down, or counts it if the same defect was met before in this function.
  mutating func add(_ finding: Finding, _ cause: FindingCause) {
    if let index = causes[cause] {
      repetitions[index] += 1
      return
    }
    causes[cause] = result.findings.count
    result.findings.append(finding)
    repetitions.append(0)
  }

  /// How a row behind a way inside this function is wrong, as far as the row before was not wrong in the same way.
  mutating func report(
    _ disagreement: Disagreement, _ state: AbstractState, from: Int, to: UInt64, row: RowClaims,
    _ edge: Evidence.Edge
  ) {
    let before = state.disagreement
    let words = FlowWords(
      state: state, row: row, instruction: flow.instructions[from], from: from, mendedAfter: mendedAfter(to: to),
      source: stacks?.landings[flow.instructions[from].address]?.source)
    let severity: Severity? = row.isOutermost ? .note : nil
    if let cfa = disagreement.cfa {
      guard before.cfa != cfa else { return }
      let claim = words.cfaClaim
      let reality = words.cfaReality(cfa)
      let rule = isSwiftAsyncFrame(from: from, row) ? Rule.swiftAsyncFrame : .cfaWrong
      add(
        Finding(
          rule, severity: severity, fde: result.fde, address: to,
          explanation: "the row says \(claim); \(reality)",
          evidence: Evidence(
            edge, from: flow.instructions[from].address, to: to, claim: claim, reality: reality,
            consequence: words.consequence(ofCFA: cfa), remedy: words.remedy(ofCFA: cfa))),
        FindingCause(rule: rule, value: cfa))
      return
    }
    if let value = disagreement.returnAddress, before.returnAddress != value {
      let claim = words.returnAddressClaim
      let reality = "\(words.action) it is not: there is \(FlowWords.text(value))"
      add(
        Finding(
          .returnAddressWrong, severity: severity, fde: result.fde, address: to,
          explanation: "the row says \(claim); there is \(FlowWords.text(value))",
          evidence: Evidence(
            edge, from: flow.instructions[from].address, to: to, claim: claim, reality: reality,
            consequence: "every unwinder takes \(FlowWords.text(value)) for the return address",
            remedy: words.remedyOfReturnAddress)),
        FindingCause(rule: .returnAddressWrong, value: value))
    }
    if disagreement.losesReturnAddress, !before.losesReturnAddress {
      reportLoss(words, of: nil, from: from, to: to, edge)
    }
    for register in 0..<16 where disagreement.registers.rawValue >> UInt16(register) & 1 != 0 {
      if before.registers.rawValue >> UInt16(register) & 1 != 0 { continue }
      if row.undefined.rawValue >> UInt16(register) & 1 != 0 {
        reportLoss(words, of: register, from: from, to: to, edge)
        continue
      }
      let isUnchanged = row.unchanged.rawValue >> UInt16(register) & 1 != 0
      let value =
        isUnchanged
        ? state[register] : judge.recovered(by: row[register], of: UInt16(register), state, pc: to)
      let rule = isUnchanged ? Rule.registerNotDescribed : .registerSlotWrong
      let claim = words.claim(ofRegister: register)
      let reality = words.reality(ofRegister: register, value, isUnchanged: isUnchanged)
      add(
        Finding(
          rule, severity: severity, fde: result.fde, address: to, explanation: "the row says \(claim); \(reality)",
          evidence: Evidence(
            edge, from: flow.instructions[from].address, to: to, claim: claim, reality: reality,
            consequence: words.consequence(ofRegister: register, value),
            remedy: words.remedy(ofRegister: register))),
        FindingCause(rule: rule, register: register))
    }
  }

  /// A row that declares a register lost, or for nil the return address, where it is known to be there.
  private mutating func reportLoss(
    _ words: FlowWords, of register: Int?, from: Int, to: UInt64, _ edge: Evidence.Edge
  ) {
    let claim = words.claimOfLoss(of: register)
    let reality = words.realityOfLoss(of: register)
    add(
      Finding(
        .registerLost, fde: result.fde, address: to, explanation: "the row says \(claim); \(reality)",
        evidence: Evidence(
          edge, from: flow.instructions[from].address, to: to, claim: claim, reality: reality,
          consequence: words.consequenceOfLoss(of: register), remedy: words.remedyOfLoss(of: register))),
      FindingCause(rule: .registerLost, register: register))
  }

  /// The instruction behind which a directive mends the row at `target`: the one before in memory, wherever control comes from. Nil
  /// where another way agrees with the row, which no directive makes right for both.
  private func mendedAfter(to target: UInt64) -> UInt64? {
    guard let place = flow.index(at: target), place > 0 else { return nil }
    let block = Int(flow.blockOf[place])
    if place == Int(flow.blocks[block].start), flow.blocks[block].isReached, flow.states[block].disagreement.isEmpty {
      return nil
    }
    return flow.instructions[place - 1].address
  }

  /// Whether it is one of two places that Swift's compiler is known to describe wrongly in each async function (LLVM,
  /// X86FrameLowering.cpp, "SwiftAsyncContext"): behind `push r14`, before `lea rbp, [rsp+8]`; and behind `pop rbp`, before
  /// `btr rbp, 60`.
  private func isSwiftAsyncFrame(from index: Int, _ row: RowClaims) -> Bool {
    guard facts.usesSwift, index + 1 < flow.instructions.count else { return false }
    let next = flow.instructions[index + 1]
    switch flow.instructions[index].effect {
    case .push(.register(.r14)):
      return row.cfa == .register(UInt16(AbstractState.rsp), offset: 16) && next.effect == .sum(.rbp, .rsp, 8)
    case .pop(.rbp):
      return row.cfa == .register(UInt16(AbstractState.rbp), offset: 16) && next.effect == .other
        && next.changes == RegisterSet(.rbp)
    default: return false
    }
  }

  /// A first row that looks for the return address above the CFA.
  private mutating func reportEntryWithoutReturnAddress(_ row: RowClaims, at address: UInt64) {
    guard case .offset(let distance) = row.returnAddress else { return }
    let claim = "the return address is at CFA+\(distance)"
    let reality = "a call puts it below the CFA, at rsp+0"
    add(
      Finding(
        .entryRowWrong, fde: result.fde, address: address, explanation: "the first row says \(claim); \(reality)",
        evidence: Evidence(
          .entry, from: address, to: address, claim: claim, reality: reality,
          consequence: "every unwinder takes a word of the caller's for the return address",
          remedy: Remedy(".cfi_offset rip, -8", after: nil))),
      FindingCause(rule: .entryRowWrong, register: nil))
  }

  /// A first row with a register's rule that cannot be right before the first instruction.
  mutating func reportEntry(_ disagreement: Disagreement, _ state: AbstractState, row: RowClaims) {
    let instruction = flow.instructions[0]
    let words = FlowWords(state: state, row: row, instruction: instruction, from: 0)
    if disagreement.losesReturnAddress { reportLoss(words, of: nil, from: 0, to: instruction.address, .entry) }
    if disagreement.returnAddress != nil { reportEntryWithoutReturnAddress(row, at: instruction.address) }
    for register in 0..<16 where disagreement.registers.rawValue >> UInt16(register) & 1 != 0 {
      let isLost = row.undefined.rawValue >> UInt16(register) & 1 != 0
      let claim = isLost ? words.claimOfLoss(of: register) : words.claim(ofRegister: register)
      let name = RegisterNames.name(UInt16(register))
      let reality = "the function is entered there, and its caller's \(name) is in \(name)"
      add(
        Finding(
          isLost ? .registerLost : .entryRowWrong, fde: result.fde, address: instruction.address,
          explanation: "the first row says \(claim); \(reality)",
          evidence: Evidence(
            .entry, from: instruction.address, to: instruction.address, claim: claim, reality: reality,
            consequence: words.consequence(ofRegister: register, .unknown),
            remedy: Remedy(".cfi_restore \(name)", after: nil))),
        FindingCause(rule: .entryRowWrong, register: register))
    }
  }

  /// Callee-saved registers that a function leaves with other values in.
  mutating func reportLost(_ registers: RegisterSet, at index: Int, to target: UInt64? = nil) {
    let instruction = flow.instructions[index]
    for register in 0..<16 where registers.rawValue >> UInt16(register) & 1 != 0 {
      let name = RegisterNames.name(UInt16(register))
      add(
        Finding(
          .registerNotRestored, fde: result.fde, address: instruction.address,
          explanation: "\(name) has not the value it had at entry when the function leaves",
          evidence: Evidence(
            target == nil ? .return : .tailCall, from: instruction.address, to: instruction.address,
            claim: "callers of this function find \(name) as it was (psABI, 3.2.1)",
            reality: "\(name) has another value, which the function does not take back before it leaves",
            consequence: "unwinders that go on from a caller recover a wrong \(name) there, unless it is not used")),
        FindingCause(rule: .registerNotRestored, register: register))
    }
  }

  /// A `ret` that, by the row, pops no return address.
  mutating func reportReturn(
    _ popped: AbstractValue, _ state: AbstractState, at index: Int, row: RowClaims
  ) {
    let instruction = flow.instructions[index]
    let words = FlowWords(state: state, row: row, instruction: instruction, from: index)
    let claim = words.cfaClaim
    add(
      Finding(
        .wrongAtReturn, fde: result.fde, address: instruction.address,
        explanation: "the row says \(claim); by it, ret pops \(FlowWords.text(popped))",
        evidence: Evidence(
          .return, from: instruction.address, to: instruction.address, claim: claim,
          reality: "ret takes the word at rsp, where the row has \(FlowWords.text(popped)): one of both is wrong",
          consequence: "at this instruction every unwinder takes another word for the return address than the processor"
        )),
      FindingCause(rule: .wrongAtReturn, value: popped))
  }

  /// A jump to another FDE whose row there does not fit.
  mutating func reportLeaving(
    _ disagreement: Disagreement, _ state: AbstractState, from index: Int, to target: UInt64,
    row: RowClaims, isFunction: Bool, _ edge: Evidence.Edge
  ) {
    let instruction = flow.instructions[index]
    guard disagreement.cfa != nil || disagreement.returnAddress != nil else {
      if isFunction {
        reportLost(disagreement.registers, at: index, to: target)
      } else {
        reportPart(disagreement.registers, state, from: index, to: target, row: row, edge)
      }
      return
    }
    let words = FlowWords(state: state, row: row, instruction: instruction, from: index)
    let rule = isFunction ? Rule.tailCallUnbalanced : .partRowWrong
    let claim =
      "at 0x\(String(target, radix: 16)): \(disagreement.cfa != nil ? words.cfaClaim : words.returnAddressClaim)"
    let reality = disagreement.cfa.map { words.cfaReality($0) } ?? "another word is there"
    add(
      Finding(
        rule, fde: result.fde, address: instruction.address,
        explanation: "the row at 0x\(String(target, radix: 16)) says \(words.cfaClaim); \(reality)",
        evidence: Evidence(
          edge, from: instruction.address, to: target, claim: claim, reality: reality,
          consequence: disagreement.cfa.map { words.consequence(ofCFA: $0) }
            ?? "every unwinder takes another word for the return address")),
      FindingCause(rule: rule, value: disagreement.cfa, target: target))
  }

  /// A jump to a function of another file that leaves the stack otherwise than at entry.
  mutating func reportLeavingFile(_ state: AbstractState, from index: Int, row: RowClaims) {
    let instruction = flow.instructions[index]
    let words = FlowWords(state: state, row: row, instruction: instruction, from: index)
    let claim = "a function of another file is entered with CFA = rsp+8, the return address at rsp+0"
    let reality = words.cfaReality(state[AbstractState.rsp].adding(8))
    add(
      Finding(
        .tailCallUnbalanced, fde: result.fde, address: instruction.address,
        explanation: "the jump leads to \(claim); \(reality)",
        evidence: Evidence(
          .tailCall, from: instruction.address, to: instruction.address, claim: claim, reality: reality,
          consequence: words.consequence(ofCFA: state[AbstractState.rsp].adding(8)))),
      FindingCause(rule: .tailCallUnbalanced, value: state[AbstractState.rsp]))
  }

  private mutating func reportPart(
    _ registers: RegisterSet, _ state: AbstractState, from index: Int, to target: UInt64,
    row: RowClaims, _ edge: Evidence.Edge
  ) {
    let instruction = flow.instructions[index]
    let words = FlowWords(state: state, row: row, instruction: instruction, from: index)
    for register in 0..<16 where registers.rawValue >> UInt16(register) & 1 != 0 {
      let isUnchanged = row.unchanged.rawValue >> UInt16(register) & 1 != 0
      let value = isUnchanged ? state[register] : .unknown
      let claim = "at 0x\(String(target, radix: 16)): \(words.claim(ofRegister: register))"
      let reality = words.reality(ofRegister: register, value, isUnchanged: isUnchanged)
      add(
        Finding(
          .partRowWrong, fde: result.fde, address: instruction.address, explanation: "the row \(claim); \(reality)",
          evidence: Evidence(
            edge, from: instruction.address, to: target, claim: claim, reality: reality,
            consequence: words.consequence(ofRegister: register, value))),
        FindingCause(rule: .partRowWrong, register: register, target: target))
    }
  }
}
