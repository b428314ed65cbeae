internal import CallFrameInfo
package import FrameVerification

/// Verifies one file.
package struct FileVerification {
  private let file: ListedFile
  private let options: VerificationOptions
  private let facts: CodeFacts
  private let problems: [String]
  /// Nil where all is asked for.
  private let filter: FunctionFilter?

  /// - Throws: why nothing of the file can be verified.
  package init(path: String, options: VerificationOptions) throws(InspectionError) {
    file = try ListedFile(path: path, debugFile: options.debugFile)
    // A file without code may have records: what they lack shows.
    if file.table.fdes.isEmpty, let absence = file.absence { throw absence }
    self.options = options
    var problems = file.problems
    facts = file.codeFacts(problems: &problems)
    self.problems = problems
    filter = options.functions.isEmpty ? nil : FunctionFilter(options.functions, in: file)
  }

  /// Names asked for that no function of the file has.
  package var missingFunctions: [String] { filter?.missing ?? [] }

  /// Names of the file's functions that somebody may have meant who wrote `name`, the nearest first. O(symbols).
  package func names(near name: String) -> [String] {
    NearNames(to: name, in: file.symbols.candidates, readable: file.symbols.readable).names
  }

  /// Checks everything. O(n log n) in the size of the file's records, code and symbols.
  ///
  /// What was asked for is chosen at the end: whether a part of a function is entered as its rows say, all others tell.
  ///
  /// - Parameter progress: is told how many FDEs have been checked, of how many; from several threads, one at a time.
  package func run(progress: (@Sendable (Int, Int) -> Void)? = nil) -> ReportedFile {
    let execution = options.executions[file.path]
    var report = ReportedFile(path: file.path, buildID: file.elf.buildID.map(Self.hexadecimal))
    let names = FindingNames(file)
    var findings = Lint.findings(in: subject)
    let checks = FunctionChecks(
      table: file.table, facts: facts, elf: file.elf, sections: file.sections,
      labels: facts.labels(in: 0..<UInt64.max), listsAddresses: execution != nil)
    var verdicts = checks.run(Array(file.table.fdes.indices), workers: options.workers, progress: progress)
    checks.followSwitches(&verdicts)
    PartLinks.resolve(&verdicts, table: file.table)
    checks.refuteReturnedStarts(&verdicts)
    if let filter {
      verdicts = filter.fdes.map { verdicts[$0] }
      findings.removeAll { !isWanted($0, filter) }
    }
    var tally = VerdictTally(fdes: file.table.fdes.count)
    for var verdicts in verdicts {
      if let execution { verdicts.join { execution[$0] } }
      tally.add(verdicts)
      findings += verdicts.findings
      if options.listsUnknown { report.findings += names.unknown(of: verdicts) }
    }
    report.counts = tally.counts
    report.findings += names.reported(findings)
    report.findings.sort { $0.precedes($1) }
    report.problems = problems
    return report
  }

  private func isWanted(_ finding: Finding, _ filter: FunctionFilter) -> Bool {
    let address = finding.fde.map { file.table.fdes[$0].addresses.lowerBound } ?? finding.address
    return address.map(filter.contains) ?? false
  }

  private var subject: LintSubject {
    LintSubject(
      elf: file.elf, table: file.table,
      functions: file.symbols.symbols(in: 0..<UInt64.max).map {
        LintSubject.Function($0.start..<max($0.start, $0.end), isTyped: $0.isFunction)
      }, hasCallSites: file.table.cies.map { facts.usesCallSites($0) ?? false },
      requiresCoverage: options.requiresCoverage)
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension ReportedFinding {
  /// The order of reports: by address, records last, then by rule.
  fileprivate func precedes(_ other: ReportedFinding) -> Bool {
    (pc ?? .max, offset ?? 0, rule.id, explanation) < (
      other.pc ?? .max, other.offset ?? 0, other.rule.id, other.explanation
    )
  }
}
