/// What a verification found, with all names looked up: what every format is made of. Renderers add nothing and look nothing up.
package struct Report: Sendable, Hashable {
  /// In the order they were named.
  package var files: [ReportedFile]
  /// What proofs rest on, one sentence each.
  package var assumptions: [String]
  /// How a program was run; nil if none was.
  package var run: ReportedRun?

  package init(files: [ReportedFile], assumptions: [String], run: ReportedRun? = nil) {
    self.files = files
    self.assumptions = assumptions
    self.run = run
  }
}

/// One file.
package struct ReportedFile: Sendable, Hashable {
  /// As it was named.
  package var path: String
  /// Hexadecimal, nil without one.
  package var buildID: String?
  package var counts: ReportedCounts
  /// Its records and instructions were checked without being run: `counts` tells. Otherwise only executions were looked at.
  package var isCheckedWhole = true
  /// What executions showed; nil if none of it was executed.
  package var execution: ReportedExecution?
  /// By address, then rule.
  package var findings: [ReportedFinding]
  /// What could not be read, one line each.
  package var problems: [String]
  /// Nothing of it could be read: why.
  package var failure: String?

  package init(
    path: String, buildID: String? = nil, counts: ReportedCounts = ReportedCounts(), findings: [ReportedFinding] = [],
    problems: [String] = [], failure: String? = nil
  ) {
    self.path = path
    self.buildID = buildID
    self.counts = counts
    self.findings = findings
    self.problems = problems
    self.failure = failure
  }
}

/// How much of a file was checked, and what came out.
package struct ReportedCounts: Sendable, Hashable {
  /// FDEs in the file.
  package var fdes = 0
  /// FDEs whose code was checked instruction by instruction.
  package var checkedFDEs = 0
  /// Bytes of code under them.
  package var bytes: UInt64 = 0
  package var instructions = 0
  package var proved = 0
  package var refuted = 0
  /// Instructions that are neither proved nor refuted, and whose rows were right whenever they were executed: how many, and how often
  /// that was.
  package var seen = 0
  package var seenTimes = 0
  /// By reason, in the reasons' order.
  package var unknown: [ReportedUnknown] = []
  /// Indirect jumps whose targets are not known.
  package var unresolvedJumps = 0
  /// FDEs of which nothing was looked at, by reason, in the reasons' order.
  package var skipped: [ReportedSkip] = []

  package init() {}

  /// All FDEs of which nothing was looked at.
  package var skippedFDEs: Int { skipped.reduce(0) { $0 + $1.count } }

  /// All instructions that are neither proved nor refuted, nor seen to be right.
  package var unknownTotal: Int { unknown.reduce(0) { $0 + $1.count } }
}

/// FDEs that were skipped for one reason.
package struct ReportedSkip: Sendable, Hashable {
  package var reason: SkipReason
  package var count: Int

  package init(reason: SkipReason, count: Int) {
    self.reason = reason
    self.count = count
  }
}

/// Instructions that are unknown for one reason.
package struct ReportedUnknown: Sendable, Hashable {
  package var reason: UnknownReason
  package var count: Int

  package init(reason: UnknownReason, count: Int) {
    self.reason = reason
    self.count = count
  }
}

/// One finding.
package struct ReportedFinding: Sendable, Hashable {
  package enum Verdict: String, Sendable, Hashable {
    case refuted
    case unknown
  }

  /// Why it does not count.
  package enum Waiver: Sendable, Hashable {
    /// The baseline has it.
    case baseline
    /// A suppression names it, with this reason.
    case suppressed(reason: String)
  }

  package var rule: Rule
  package var severity: Severity
  package var verdict: Verdict
  /// Readable name of the function, nil where none is known.
  package var function: String?
  /// As in the symbol table.
  package var rawFunction: String?
  /// Virtual address in the file, nil for a finding about records alone.
  package var pc: UInt64?
  /// Bytes from the function's start to `pc`.
  package var functionOffset: UInt64?
  /// Section and offset of the record at fault.
  package var section: String?
  package var offset: Int?
  /// Source file and line of `pc`.
  package var sourceFile: String?
  package var sourceLine: Int?
  package var explanation: String
  package var story: ReportedStory?
  package var waiver: Waiver?

  package init(rule: Rule, severity: Severity, verdict: Verdict, explanation: String) {
    self.rule = rule
    self.severity = severity
    self.verdict = verdict
    self.explanation = explanation
  }
}

/// How it came to a refutation.
package struct ReportedStory: Sendable, Hashable {
  package var evidence: Evidence
  /// Instructions around the refuted row.
  package var lines: [StoryLine]

  package init(evidence: Evidence, lines: [StoryLine]) {
    self.evidence = evidence
    self.lines = lines
  }
}

/// One instruction with the row in force before it.
package struct StoryLine: Sendable, Hashable {
  package enum Mark: String, Sendable, Hashable {
    /// The instruction whose effect the row does not follow.
    case cause
    /// The first instruction whose row is wrong.
    case wrong
  }

  package var address: UInt64
  /// Where the next instruction begins.
  package var end: UInt64
  package var text: String
  /// The row as `fibertrace cfi` prints it, nil where the one before goes on.
  package var row: String?
  package var mark: Mark?

  package init(address: UInt64, end: UInt64, text: String, row: String?, mark: Mark? = nil) {
    self.address = address
    self.end = end
    self.text = text
    self.row = row
    self.mark = mark
  }
}
