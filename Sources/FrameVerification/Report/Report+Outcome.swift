extension Report {
  /// Something is wrong for certain: a finding that is an error, and that neither a baseline nor a suppression waives.
  package var isRefuted: Bool {
    files.contains { $0.findings.contains { $0.severity == .error && $0.waiver == nil } }
  }

  /// Something is neither proved nor refuted, and not waived, as far as such findings are listed.
  package var isUndecided: Bool {
    files.contains { $0.findings.contains { $0.verdict == .unknown && $0.waiver == nil } }
  }

  /// Something could not be read, so that nothing is known of it.
  package var isIncomplete: Bool { files.contains { $0.failure != nil || !$0.problems.isEmpty } }
}
