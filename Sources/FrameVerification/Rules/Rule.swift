/// One thing that is checked: of records (lint), of instructions against rows (flow check), or of executions
/// against rows (step check).
///
/// Each has a page, `Docs/rules/<id>.md`.
package struct Rule: Sendable, Hashable {
  /// What it looks at.
  package enum Kind: String, Sendable, Hashable {
    /// The bytes of records, tables and expressions.
    case lint
    /// The effect of an instruction against the rows before and after it.
    case flow
    /// Rows against what is true of the stack while the program runs.
    case step
  }

  /// Lowercase words with hyphens, never changed once published: baselines and suppressions name it.
  package let id: String
  /// What it looks at.
  package let kind: Kind
  /// How much a finding matters, where nothing lowers it.
  package let severity: Severity
  /// One line, without a full stop: what is wrong where the rule fires.
  package let summary: String

  package init(_ id: String, _ kind: Kind, _ severity: Severity, _ summary: String) {
    self.id = id
    self.kind = kind
    self.severity = severity
    self.summary = summary
  }
}

extension Rule {
  /// All of them, by kind, then as their files list them. Ids are unique.
  package static let all: [Rule] = lint + flow + step + [undecided]
}
