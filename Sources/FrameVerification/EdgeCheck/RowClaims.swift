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
  /// Registers whose change may make the row wrong, bit n for DWARF number n.
  let watched: UInt16

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
    var watched: UInt16 = 0
    for number in 0..<16 {
      let register: UInt16 = 1 << UInt16(number)
      switch row.registers[UInt16(number)] {
      case .unspecified:
        unchanged |= register & convention.unchangedByDefault.rawValue
      case .undefined: break
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
    self.watched = watched | unchanged
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

  /// The rule of a register of `ruled`.
  subscript(_ register: Int) -> RegisterRule { rules[register] }
}
