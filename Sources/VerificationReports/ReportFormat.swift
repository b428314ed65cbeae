/// How a report is written.
package enum ReportFormat: String, Sendable, CaseIterable {
  /// For people: stories, then a line a file.
  case text
  /// `Docs/verify-json.md`.
  case json
  /// OASIS SARIF 2.1.0, which code hosts show beside changes.
  case sarif
  /// JUnit's XML, which CI servers show as tests: a suite a file, a case a rule.
  case junit
  /// One page with all it needs in it.
  case html
}
