internal import CallFrameInfo
internal import Instructions

/// One step of an unwinder, over what is known instead of words.
struct FrameWalk {
  /// The canonical frame address that the row computes.
  let cfa: AbstractValue
  /// What it takes for the return address.
  let returnAddress: AbstractValue
  /// Registers as it recovers them for the caller, memory as it was.
  let caller: AbstractState

  /// Follows a row; nil where the CFA is not known.
  init?(_ row: RowClaims, _ judge: Judge, _ state: AbstractState, pc: UInt64) {
    guard let cfa = judge.cfa(row, state, pc: pc) else { return nil }
    self.cfa = cfa
    let expression = SymbolicExpression(section: judge.section, cie: judge.cie, pc: pc)
    func value(_ rule: RegisterRule) -> AbstractValue {
      switch rule {
      case .unspecified, .sameValue, .undefined: .unknown
      case .offset(let offset): state.load(cfa.adding(offset))
      case .valueOffset(let offset): cfa.adding(offset)
      case .register(let source): source < 16 ? state[Int(source)] : .unknown
      case .expression(let block):
        expression.address(of: block, initial: [cfa], state).map { state.load($0) } ?? .unknown
      case .valueExpression(let block):
        expression.value(of: block, initial: [cfa], state, claimed: cfa) ?? .unknown
      }
    }
    returnAddress = value(row.returnAddress)
    var caller = state
    for register in 0..<16 {
      if row.ruled.rawValue >> UInt16(register) & 1 != 0 {
        caller[register] = value(row[register])
      } else if row.unchanged.rawValue >> UInt16(register) & 1 == 0 {
        caller[register] = .unknown
      }
    }
    caller[AbstractState.rsp] = cfa
    self.caller = caller
  }
}

extension RowClaims {
  /// Code of this row may be entered by a call: it says what the ABI says of a function's entry, and that somebody has called.
  var isCalled: Bool { isEntry && !isOutermost }
}

extension AbstractState {
  /// What another function may rely on that goes on in this frame: registers as they are, and words of the frame.
  func leftBehind() -> AbstractState {
    var state = AbstractState()
    state.registers = registers
    for register in 0..<16 where !Self.isOfFrame(registers[register]) { state.registers[register] = .unknown }
    for index in 0..<knownSlots {
      let word = slot(index)
      if word.address.isFrameAddress, Self.isOfFrame(word.value) { state.remember(word.address, word.value) }
    }
    state.standing = standing
    state.entries = entries
    state.isFrameAdopted = isFrameAdopted
    state.isCertain = true
    return state
  }

  /// It means the same in another function that goes on in this frame.
  private static func isOfFrame(_ value: AbstractValue) -> Bool {
    value.isFrameAddress || value.entryRegister != nil || value == .returnAddress || value.constant != nil
      || value.isComputed
  }

  /// Forgets all registers: what they hold is of another activation than the frame's.
  mutating func forgetRegisters() {
    for register in 0..<16 { registers[register] = .unknown }
    isFrameAdopted = true
  }
}
