internal import CallFrameInfo
internal import Instructions

/// A base of a stack whose CFA is computed from a word of memory, the link: whoever resumes the stack stores it.
struct LinkedBase {
  /// The instruction that control first comes to.
  let address: UInt64
  let fde: Int
  let row: RowClaims
  let judge: Judge
  /// The register by which the link is found, by DWARF number.
  let register: Int
  /// Bytes from there to the link.
  let distance: Int64
  /// What that register and rsp are when control gets there, in words of the function that laid the stack out.
  let pointer: AbstractValue
  let stackPointer: AbstractValue
  var ways: [StackSwitches.Way] = []

  /// Nil if the row is of another kind.
  init?(_ row: RowClaims, _ judge: Judge, at address: UInt64, fde: Int, _ entered: AbstractState) {
    guard case .expression(let block) = row.cfa else { return nil }
    var reader = OperationReader(block, in: judge.section, cie: judge.cie)
    // DW_OP_breg0 to 15, DW_OP_deref; what follows is evaluated.
    guard let first = try? reader.next(), (0x70...0x7f).contains(first.code.rawValue),
      let second = try? reader.next(), second.code.rawValue == 0x06
    else { return nil }
    self.row = row
    self.judge = judge
    self.address = address
    self.fde = fde
    register = Int(first.code.rawValue - 0x70)
    distance = Int64(bitPattern: first.first)
    pointer = entered[register]
    stackPointer = entered[AbstractState.rsp]
    guard pointer.isPlace, !pointer.isFrameAddress, pointer.constant == nil else { return nil }
  }

  /// Where the link lies.
  var field: AbstractValue { pointer.adding(distance) }

  /// What is true where control first gets, whatever the link is, if each link is what the row takes it for; nil if the row is not
  /// even right by itself.
  var state: AbstractState? {
    let base = AbstractValue.symbol(ofRegister: register, at: 0)
    // What does the row make of a link?
    let link = AbstractValue.symbol(ofRegister: AbstractState.rsp, at: 1)
    var trial = AbstractState()
    trial[register] = base
    trial.remember(base.adding(distance), link)
    guard let cfa = judge.cfa(row, trial, pc: address), cfa.base == link.base else { return nil }
    var state = AbstractState()
    state[register] = base
    state.remember(base.adding(distance), .cfa.adding(-Int64(cfa.offset)))
    state.adopt(row, in: judge.section, cie: judge.cie, index: 0)
    state.forgetRegisters()
    state[register] = base
    state[AbstractState.rsp] =
      stackPointer.base == pointer.base
      ? base.adding(Int64(stackPointer.offset) - Int64(pointer.offset))
      : AbstractValue.symbol(ofRegister: AbstractState.rsp, at: 0)
    for number in 0..<16 where number != AbstractState.rsp && row.ruled.rawValue >> UInt16(number) & 1 != 0 {
      if judge.recovered(by: row[number], of: UInt16(number), state, pc: address) == .cfa {
        state.frameRegister = Int8(number)
      }
    }
    state.standing = .proved
    state.isCertain = true
    return judge.judge(row, &state, pc: address).isSatisfied ? state : nil
  }
}
