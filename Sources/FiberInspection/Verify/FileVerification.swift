internal import CallFrameInfo
package import FrameVerification

/// Verifies one file.
package struct FileVerification {
  private let file: ListedFile
  private let options: VerificationOptions
  private let facts: CodeFacts
  private var problems: [String]

  /// - Throws: why nothing of the file can be verified.
  package init(path: String, options: VerificationOptions) throws(InspectionError) {
    file = try ListedFile(path: path)
    self.options = options
    problems = file.problems
    let names = file.symbols.candidates.filter(\.isFunction).map { (address: $0.start, rawName: $0.name) }
    var faults: [ELFError] = []
    facts = CodeFacts(
      of: file.elf, names: names, reader: CodeReader(file.elf, sections: file.sections), problems: &faults)
    problems += faults.map(\.description)
  }

  /// Checks everything. O(n log n) in the size of the file's records, code and symbols.
  ///
  /// - Parameter progress: is told how many FDEs have been checked, of how many; from several threads, one at a time.
  package func run(progress: (@Sendable (Int, Int) -> Void)? = nil) -> ReportedFile {
    var report = ReportedFile(path: file.path, buildID: file.elf.buildID.map(Self.hexadecimal))
    let lint = Lint.findings(in: subject)
    let names = FindingNames(file)
    var findings: [Finding] = lint
    var tally = VerdictTally(fdes: file.table.fdes.count)
    let selected = file.table.fdes.indices.filter { isSelected($0, names) }
    let checks = FunctionChecks(
      table: file.table, facts: facts, elf: file.elf, sections: file.sections, labels: facts.labels(in: 0..<UInt64.max))
    var verdicts = checks.run(selected, workers: options.workers, progress: progress)
    PartLinks.resolve(&verdicts, table: file.table)
    for verdicts in verdicts {
      tally.add(verdicts)
      findings += verdicts.findings
      if options.listsUnknown {
        report.findings += names.unknown(of: verdicts)
      }
    }
    if !options.functions.isEmpty {
      let wanted = Set(selected)
      findings.removeAll { $0.fde.map { !wanted.contains($0) } ?? true }
    }
    report.counts = tally.counts
    report.findings += names.reported(findings)
    report.findings.sort { $0.precedes($1) }
    report.problems = problems
    return report
  }

  private var subject: LintSubject {
    LintSubject(
      elf: file.elf, table: file.table,
      functions: file.symbols.symbols(in: 0..<UInt64.max).map {
        LintSubject.Function($0.start..<max($0.start, $0.end), isTyped: $0.isFunction)
      }, hasCallSites: file.table.cies.map { facts.usesCallSites($0) ?? false },
      requiresCoverage: options.requiresCoverage)
  }

  private func isSelected(_ fde: Int, _ names: FindingNames) -> Bool {
    if options.functions.isEmpty { return true }
    guard let symbol = file.symbols.title(of: file.table.fdes[fde].addresses) else { return false }
    return options.functions.contains { $0 == symbol.name || $0 == symbol.rawName }
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
