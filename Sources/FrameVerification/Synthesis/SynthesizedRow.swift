/// Where something of the caller is found.
package enum SynthesizedRule: Sendable, Hashable {
  /// The register has it still.
  case unchanged
  /// In memory at CFA + N.
  case saved(Int32)
  /// In another register, by DWARF number.
  case register(Int)
  /// In memory at a register, by DWARF number, + N: where the frame is realigned, and the word lies at no fixed distance from the CFA.
  case savedBehind(register: Int, Int32)
  /// Nowhere.
  case undefined
}

/// How the CFA is found.
package enum SynthesizedCFA: Sendable, Hashable {
  /// A register, by DWARF number, + N.
  case register(Int, Int32)
  /// A word in memory at a register + `displacement`, and N added to it: GCC's frames that realign the stack.
  case word(behind: Int, displacement: Int32, Int32)
}

/// A row of the table that the code itself calls for.
package struct SynthesizedRow: Sendable, Hashable {
  /// How the CFA is found.
  package var cfa: SynthesizedCFA
  /// Where the return address is; `saved(-8)` in nearly all rows.
  package var returnAddress: SynthesizedRule
  /// Where callee-saved registers are, by place in `registers`.
  private var rules: InlineArray<6, SynthesizedRule>

  /// The callee-saved registers of the psABI, by DWARF number: rbx, rbp, r12 to r15.
  package static let registers = [3, 6, 12, 13, 14, 15]

  /// What `.cfi_startproc` begins with.
  package static let initial = SynthesizedRow(cfa: .register(7, 8), returnAddress: .saved(-8))

  init(cfa: SynthesizedCFA, returnAddress: SynthesizedRule) {
    self.cfa = cfa
    self.returnAddress = returnAddress
    rules = InlineArray(repeating: .unchanged)
  }

  /// The rule of the callee-saved register at a place in `registers`.
  package subscript(_ place: Int) -> SynthesizedRule {
    get { rules[place] }
    set { rules[place] = newValue }
  }

  package static func == (first: SynthesizedRow, second: SynthesizedRow) -> Bool {
    guard first.cfa == second.cfa, first.returnAddress == second.returnAddress else { return false }
    return registers.indices.allSatisfy { first[$0] == second[$0] }
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(cfa)
    hasher.combine(returnAddress)
    for place in Self.registers.indices { hasher.combine(self[place]) }
  }
}
