/// Something that is wrong, or that cannot be decided, in one place of a file. Without names: those are looked up for what is shown.
package struct Finding: Sendable, Hashable {
  /// What was checked.
  package var rule: Rule
  /// The rule's, unless the place makes it matter less: in a frame that is declared outermost, others are notes.
  package var severity: Severity
  /// Name of the section of call frame information at fault, nil if none is.
  package var section: String?
  /// Offset in that section of the record, instruction or field at fault, in bytes.
  package var offset: Int?
  /// Index of the FDE in `CallFrameTable.fdes`, nil if the finding belongs to none that could be read.
  package var fde: Int?
  /// The address of code it is about: the first instruction whose row is wrong, the start of code without an FDE.
  package var address: UInt64?
  /// One sentence without a full stop: what is there, what was expected.
  package var explanation: String
  /// What a flow check saw; nil for lint.
  package var evidence: Evidence?

  package init(
    _ rule: Rule, severity: Severity? = nil, section: String? = nil, offset: Int? = nil, fde: Int? = nil,
    address: UInt64? = nil, explanation: String, evidence: Evidence? = nil
  ) {
    self.rule = rule
    self.severity = severity ?? rule.severity
    self.section = section
    self.offset = offset
    self.fde = fde
    self.address = address
    self.explanation = explanation
    self.evidence = evidence
  }
}

/// How an instruction refutes the row after it.
package struct Evidence: Sendable, Hashable {
  /// The way from the instruction to the row.
  package enum Edge: String, Sendable, Hashable {
    case fallThrough = "fall-through"
    case branch
    case afterCall = "after a call"
    case tailCall = "tail call"
    case landingPad = "landing pad"
    case `return`
    /// The first row of a function against what the ABI says of its entry.
    case entry
    /// It was executed: `from` and `to` are the instruction.
    case execution
  }

  /// How control gets from `from` to `to`.
  package var edge: Edge
  /// The instruction whose effect the row does not follow; the function's first one for `entry`.
  package var from: UInt64
  /// The instruction before which the row is in force; for `return`, the `ret` itself.
  package var to: UInt64
  /// What the row says: "CFA = rsp+8, so the return address is at rsp+0".
  package var claim: String
  /// What the code makes true: "push rbx has made it CFA = rsp+16".
  package var reality: String
  /// Which unwinder goes wrong how: "every unwinder takes the saved rbx for the return address".
  package var consequence: String
  /// What mends it, nil where the analysis does not know.
  package var remedy: Remedy?

  package init(
    _ edge: Edge, from: UInt64, to: UInt64, claim: String, reality: String, consequence: String, remedy: Remedy? = nil
  ) {
    self.edge = edge
    self.from = from
    self.to = to
    self.claim = claim
    self.reality = reality
    self.consequence = consequence
    self.remedy = remedy
  }
}

/// A directive that mends a row.
package struct Remedy: Sendable, Hashable {
  /// For the assembler: ".cfi_adjust_cfa_offset 8".
  package var directive: String
  /// The instruction it belongs after; nil: before the first one of the function.
  package var after: UInt64?

  package init(_ directive: String, after: UInt64?) {
    self.directive = directive
    self.after = after
  }
}
