extension Rule {
  /// What instructions without a verdict are reported under.
  package static let undecided = Rule(
    "undecided", .flow, .note, "the row before an instruction is neither proved nor refuted")
}
