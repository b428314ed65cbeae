internal import CallFrameInfo
internal import Instructions

/// Sentences about a row and what is true where it is in force.
struct FlowWords {
  let state: AbstractState
  let row: RowClaims
  /// The instruction before.
  let instruction: Instruction
  let from: Int
  /// The instruction a directive belongs after that mends the row; nil where none does, or the row is another function's.
  var mendedAfter: UInt64?
  /// The instruction that handed the frame over, where stacks are switched.
  var source: UInt64?

  private static func name(_ register: Int) -> String { RegisterNames.name(UInt16(register)) }

  private static func signed(_ number: Int64) -> String { number < 0 ? "\(number)" : "+\(number)" }

  /// A word in words.
  static func text(_ value: AbstractValue) -> String {
    if value.isFrameAddress { return value.offset == 0 ? "the CFA" : "CFA\(signed(Int64(value.offset)))" }
    if let number = value.constant {
      // Addresses of code are among these; small ones are counts.
      return abs(Int64(number)) < 4096 ? "the number \(number)" : "0x\(String(UInt32(bitPattern: number), radix: 16))"
    }
    if let register = value.entryRegister {
      let word = value.isCalleeSaved ? "the caller's \(name(register))" : "what \(name(register)) was at entry"
      return value.offset == 0 ? word : "\(word)\(signed(Int64(value.offset)))"
    }
    if value.adding(-Int64(value.offset)) == .returnAddress { return "the return address" }
    return value.isComputed ? "what this function computed or never wrote" : "a realigned stack pointer"
  }

  /// "push rbx" where the instruction is one whose text is known without decoding it again.
  var action: String {
    if let source { return "in the frame that 0x\(String(source, radix: 16)) hands over" }
    return switch instruction.effect {
    case .push(.register(let register)): "after push \(Self.name(Int(register.rawValue)))"
    case .push: "after the push"
    case .pop(let register): "after pop \(Self.name(Int(register.rawValue)))"
    case .leave: "after leave"
    case .sum(.rsp, .rsp, let number): number < 0 ? "after sub rsp, \(-number)" : "after add rsp, \(number)"
    case .move(let register, .register(let source)):
      "after mov \(Self.name(Int(register.rawValue))), \(Self.name(Int(source.rawValue)))"
    default: "here"
    }
  }

  /// "CFA = rsp+8, so the return address is at rsp+0".
  var cfaClaim: String {
    switch row.cfa {
    case .unspecified: "nothing of the CFA"
    case .register(let register, let offset):
      if case .offset(let distance) = row.returnAddress {
        "CFA = \(RegisterNames.name(register))\(Self.signed(offset)), so the return address is at "
          + "\(RegisterNames.name(register))\(Self.signed(offset &+ distance))"
      } else {
        "CFA = \(RegisterNames.name(register))\(Self.signed(offset))"
      }
    case .expression: "CFA = what its expression computes"
    }
  }

  /// "after push rbx it is rsp+16".
  func cfaReality(_ wrong: AbstractValue) -> String {
    if let truth = trueCFA { return "\(action) it is \(Self.name(truth.register))\(Self.signed(truth.offset))" }
    return "\(action) that is \(Self.text(wrong))"
  }

  /// The CFA by a register: rsp, else rbp, else any that is at a known distance.
  private var trueCFA: (register: Int, offset: Int64)? {
    var order = [AbstractState.rsp, AbstractState.rbp]
    if case .register(let register, _) = row.cfa, register < 16 { order.insert(Int(register), at: 0) }
    for register in order + Array(0..<16) where state[register].isFrameAddress {
      return (register, -Int64(state[register].offset))
    }
    return nil
  }

  func consequence(ofCFA wrong: AbstractValue) -> String {
    guard case .offset(let distance) = row.returnAddress else {
      return "every unwinder computes another frame than the one that is there"
    }
    let taken = state.load(wrong.adding(distance))
    if taken.isUnknown || taken.isComputed {
      return "every unwinder takes another word for the return address, and loses the stack or invents a frame"
    }
    if taken == .returnAddress { return "every unwinder computes a wrong stack pointer for the caller" }
    return "every unwinder takes \(Self.text(taken)) for the return address"
  }

  func remedy(ofCFA wrong: AbstractValue) -> Remedy? {
    // A stack pointer above the CFA: the code is wrong, not the row.
    guard let mendedAfter, let truth = trueCFA, truth.offset >= 0 else { return nil }
    if case .register(let register, _) = row.cfa, Int(register) == truth.register {
      return Remedy(".cfi_def_cfa_offset \(truth.offset)", after: mendedAfter)
    }
    return Remedy(".cfi_def_cfa \(Self.name(truth.register)), \(truth.offset)", after: mendedAfter)
  }

  /// "the return address is at CFA-8".
  var returnAddressClaim: String { "the return address is \(Self.place(row.returnAddress))" }

  private static func place(_ rule: RegisterRule) -> String {
    switch rule {
    case .unspecified, .sameValue: "unchanged"
    case .undefined: "nowhere"
    case .offset(let offset): "at CFA\(signed(offset))"
    case .valueOffset(let offset): "CFA\(signed(offset))"
    case .register(let register): "in \(RegisterNames.name(register))"
    case .expression: "where its expression says"
    case .valueExpression: "what its expression computes"
    }
  }

  var remedyOfReturnAddress: Remedy? {
    guard let mendedAfter, let address = state.address(holding: .returnAddress), address.isFrameAddress else {
      return nil
    }
    return Remedy(".cfi_offset rip, \(address.offset)", after: mendedAfter)
  }

  /// "the caller's rbx is at CFA-24".
  func claim(ofRegister register: Int) -> String {
    if row.unchanged.rawValue >> UInt16(register) & 1 != 0 {
      return "\(Self.name(register)) still has its caller's value"
    }
    return "the caller's \(Self.name(register)) is \(Self.place(row[register]))"
  }

  func reality(ofRegister register: Int, _ value: AbstractValue, isUnchanged: Bool) -> String {
    let found = value.isUnknown ? "something else" : Self.text(value)
    var text = isUnchanged ? "\(action) it has \(found)" : "\(action) there is \(found)"
    if let saved = state.address(holding: .entry(register)), saved.isFrameAddress {
      text += "; it was saved at \(Self.text(saved))"
    } else if state[register] == .entry(register), !isUnchanged {
      text += "; it is still in \(Self.name(register))"
    }
    return text
  }

  func consequence(ofRegister register: Int, _ value: AbstractValue) -> String {
    let name = Self.name(register)
    let depends =
      register == AbstractState.rbp
      ? "and callers that keep their frame in rbp cannot be unwound"
      : "variables of callers that are kept in it read wrong, and exceptions return to callers with it"
    return "every unwinder recovers a wrong \(name) for the caller: \(depends)"
  }

  func remedy(ofRegister register: Int) -> Remedy? {
    guard let mendedAfter else { return nil }
    let name = Self.name(register)
    if let saved = state.address(holding: .entry(register)), saved.isFrameAddress {
      return Remedy(".cfi_offset \(name), \(saved.offset)", after: mendedAfter)
    }
    if state[register] == .entry(register) { return Remedy(".cfi_restore \(name)", after: mendedAfter) }
    for other in 0..<16 where state[other] == .entry(register) {
      return Remedy(".cfi_register \(name), \(Self.name(other))", after: mendedAfter)
    }
    return nil
  }
}
