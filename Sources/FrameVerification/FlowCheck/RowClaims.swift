internal import CallFrameInfo
internal import Instructions

/// What a row says of a frame, in the form the check compares: registers in sets, rules of general registers only.
///
/// Made once for a row, and shared: half a KiB that blocks and jumps would copy again and again.
final class RowClaims: Sendable {
  /// How to find the CFA.
  let cfa: CFARule
  /// Bytes of arguments that an exception takes off the stack on its way to a landing pad (`DW_CFA_GNU_args_size`).
  let argumentsSize: Int64
  /// How to find the return address.
  let returnAddress: RegisterRule
  /// Rules of general registers, by DWARF number; those of `ruled` alone mean something.
  private let rules: InlineArray<16, RegisterRule>
  /// Registers with a rule that leads to a value.
  let ruled: RegisterSet
  /// Registers that are to have the value they had at entry.
  let unchanged: RegisterSet
  /// Callee-saved registers and rsp that are said to be lost.
  let undefined: RegisterSet
  /// The CFA is a register plus a number, and all with a rule lie in the frame, the return address too; nothing is lost.
  private let isPlain: Bool
  /// Of a plain row: what lies where in the frame, the return address and callee-saved registers.
  private let saved: InlineArray<7, AbstractState.Slot>
  private let savedCount: Int
  /// The lowest word of the frame that a rule leads to, as a distance from the CFA; 0 for none.
  private let lowest: Int64
  /// Registers whose change may make the row wrong, bit n for DWARF number n.
  let watched: UInt16
  /// What it says depends on rsp.
  let namesStackPointer: Bool

  /// It says what the ABI says of a function's entry: CFA = rsp + 8, the return address at CFA − 8, no register changed. `_start`'s,
  /// where there is no return address, counts as well.
  let isEntry: Bool

  /// The frame is the outermost one: its return address is declared undefined.
  var isOutermost: Bool { returnAddress == .undefined }

  /// What `row` says where registers without a rule mean what `convention` says.
  init(_ row: Row, returnAddressRegister: UInt16, _ convention: Convention) {
    cfa = row.cfa
    argumentsSize = Int64(clamping: row.argumentsSize)
    returnAddress = row.registers[returnAddressRegister]
    var rules = InlineArray<16, RegisterRule>(repeating: .unspecified)
    var ruled: UInt16 = 0
    var unchanged: UInt16 = 0
    var undefined: UInt16 = 0
    var watched: UInt16 = 0
    for number in 0..<16 {
      let register: UInt16 = 1 << UInt16(number)
      switch row.registers[UInt16(number)] {
      case .unspecified:
        unchanged |= register & convention.unchangedByDefault.rawValue
      case .undefined:
        // Others mean nothing to callers.
        if number == AbstractState.rsp { undefined |= register }
        undefined |= register & RegisterSet.calleeSaved.rawValue
      case .sameValue:
        // The rsp of the caller is the CFA whatever else: as no rule.
        if number != AbstractState.rsp { unchanged |= register }
      case let rule:
        rules[number] = rule
        ruled |= register
        Self.watch(rule, &watched)
      }
    }
    Self.watch(returnAddress, &watched)
    switch row.cfa {
    case .unspecified: break
    case .register(let number, _): Self.watch(.register(number), &watched)
    case .expression: watched = .max
    }
    self.rules = rules
    self.ruled = RegisterSet(rawValue: ruled)
    self.unchanged = RegisterSet(rawValue: unchanged)
    self.undefined = RegisterSet(rawValue: undefined)
    namesStackPointer = (watched | undefined) >> UInt16(AbstractState.rsp) & 1 != 0
    var lowest: Int64 = 0
    for number in 0..<16 {
      if case .offset(let distance) = rules[number] { lowest = Swift.min(lowest, distance) }
    }
    self.lowest = lowest
    // Words as deep as that are out of the red zone once rsp is near the CFA.
    if lowest < -AbstractState.redZone - 8 { watched |= 1 << UInt16(AbstractState.rsp) }
    self.watched = watched | unchanged | undefined
    (isPlain, saved, savedCount) = Self.savedWords(rules, ruled, undefined, row.cfa, returnAddress)
    isEntry =
      row.cfa == .register(UInt16(AbstractState.rsp), offset: 8) && ruled == 0
      && (returnAddress == .offset(-8) || returnAddress == .undefined)
  }

  private static func watch(_ rule: RegisterRule, _ watched: inout UInt16) {
    switch rule {
    case .register(let number) where number < 16: watched |= 1 << number
    case .expression, .valueExpression: watched = .max
    default: break
    }
  }

  private static func savedWords(
    _ rules: InlineArray<16, RegisterRule>, _ ruled: UInt16, _ undefined: UInt16, _ cfa: CFARule,
    _ returnAddress: RegisterRule
  ) -> (isPlain: Bool, saved: InlineArray<7, AbstractState.Slot>, count: Int) {
    var saved = InlineArray<7, AbstractState.Slot>(repeating: AbstractState.Slot(address: .unknown, value: .unknown))
    guard case .register(0..<16, _) = cfa, case .offset(let distance) = returnAddress, ruled.nonzeroBitCount < 7,
      undefined == 0
    else {
      return (false, saved, 0)
    }
    saved[0] = AbstractState.Slot(address: .cfa.adding(distance), value: .returnAddress)
    var count = 1
    for register in 0..<16 where ruled >> UInt16(register) & 1 != 0 {
      guard register != AbstractState.rsp, case .offset(let distance) = rules[register] else {
        return (false, saved, 0)
      }
      saved[count] = AbstractState.Slot(address: .cfa.adding(distance), value: .entry(register))
      count += 1
    }
    return (true, saved, count)
  }

  /// Whether the row is plain and right: what `Judge` finds out for any row, at less cost. If
  /// not, it may be right as well.
  ///
  /// The state stays as it is: it is `inout` so that it is not copied.
  func isPlainlyTrue(of state: inout AbstractState) -> Bool {
    guard isPlain, case .register(let number, let offset) = cfa, state[Int(number)].adding(offset) == .cfa,
      !state.isBelowRedZone(lowest)
    else { return false }
    var rest = unchanged.rawValue
    while rest != 0 {
      let register = rest.trailingZeroBitCount
      rest &= rest - 1
      if state[register] != .entry(register) { return false }
    }
    for index in 0..<savedCount where state.loadInPlace(saved[index].address) != saved[index].value { return false }
    return true
  }

  /// The rule of a register of `ruled`.
  subscript(_ register: Int) -> RegisterRule { rules[register] }
}

extension RowClaims {
  /// Its CFA is what an expression computes.
  var findsFrameByExpression: Bool {
    if case .expression = cfa { true } else { false }
  }

  /// It looks for the return address in what was the caller's before the call.
  var findsReturnAddressAboveCFA: Bool {
    if case .offset(let distance) = returnAddress { distance >= 0 } else { false }
  }
}
