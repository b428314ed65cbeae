internal import FiberInspection
internal import FrameVerification

/// A report for people: each finding as a short story, then a line for each file.
struct ReportText {
  private let style: TextStyle
  private let showsNotes: Bool

  init(style: TextStyle, showsNotes: Bool) {
    self.style = style
    self.showsNotes = showsNotes
  }

  func write(_ report: Report, to output: inout some ByteOutput) {
    let stories = StoryText(style)
    var assumes = false
    for file in report.files {
      for finding in file.findings where isShown(finding) {
        output.write(Array(stories.text(of: finding, in: file).utf8))
      }
      output.write(Array(summary(of: file).utf8))
      if file.counts.proved > 0 { assumes = true }
    }
    if report.files.count > 1 { output.write(Array(total(of: report).utf8)) }
    if let run = report.run { output.write(Array(RunText(style).text(of: run).utf8)) }
    if showsNotes, assumes {
      output.write(Array("\nProved means, if:\n".utf8))
      for assumption in report.assumptions { output.write(Array("  - \(assumption)\n".utf8)) }
    }
  }

  private func isShown(_ finding: ReportedFinding) -> Bool {
    showsNotes || (finding.severity > .note && finding.waiver == nil)
  }

  private func summary(of file: ReportedFile) -> String {
    let path = shortened(file.path, style.directory).escapedForTerminal
    if let failure = file.failure {
      return "\(path): \(style.warning("not verified")): \(failure.escapedForTerminal)\n"
    }
    let counts = file.counts
    var parts: [String] = []
    if file.isCheckedWhole {
      parts.append(
        counts.fdes > 0
          ? "\(number(counts.checkedFDEs, "FDE")), \(verdicts(counts, functions(file)))" : "no call frame information")
    }
    if let execution = file.execution {
      parts.append((file.isCheckedWhole ? "executed: " : "") + RunText(style).text(of: execution))
    }
    return "\(path): \(parts.joined(separator: "; "))\(others(file.findings))\n"
  }

  /// "321,881 instructions: 99.8% proved, 188 refuted in 9 functions, 312 unknown, 7 unresolved jumps, 1 FDE skipped: 1 too-large".
  private func verdicts(_ counts: ReportedCounts, _ functions: String = "") -> String {
    var text = "\(number(counts.instructions, "instruction")): "
    text += style.proved("\(percentage(counts.proved, of: counts.instructions)) proved")
    text += counts.refuted > 0 ? ", " + style.refuted("\(grouped(counts.refuted)) refuted") + functions : ", 0 refuted"
    if counts.seen > 0 { text += ", \(grouped(counts.seen)) seen \(number(counts.seenTimes, "time"))" }
    if counts.unknownTotal > 0 { text += ", \(grouped(counts.unknownTotal)) unknown" }
    if counts.unresolvedJumps > 0 { text += ", " + number(counts.unresolvedJumps, "unresolved jump") }
    if counts.skippedFDEs > 0 {
      let reasons = counts.skipped.map { "\(grouped($0.count)) \($0.reason.rawValue)" }
      text += ", \(number(counts.skippedFDEs, "FDE")) skipped: \(reasons.joined(separator: ", "))"
    }
    return text
  }

  /// " in 9 functions".
  private func functions(_ file: ReportedFile) -> String {
    guard file.counts.refuted > 0 else { return "" }
    let refutations = file.findings.filter { $0.rule.kind == .flow && $0.verdict == .refuted }
    let names = Set(refutations.compactMap(\.rawFunction))
    // Of a stripped file nobody can tell how many functions those without a name are in.
    guard refutations.allSatisfy({ $0.rawFunction != nil }) else { return "" }
    return " in \(number(names.count, "function"))"
  }

  /// "; 2 errors, 3 notes, 4 waived" of what is not counted by instructions.
  private func others(_ findings: [ReportedFinding]) -> String {
    let live = findings.filter { $0.waiver == nil }
    var parts: [String] = []
    for (severity, noun) in [(Severity.error, "error"), (.warning, "warning"), (.note, "note")] {
      let count = live.count { $0.severity == severity }
      guard count > 0 else { continue }
      let text = number(count, noun)
      parts.append(severity == .error ? style.refuted(text) : severity == .warning ? style.warning(text) : text)
    }
    if findings.count > live.count { parts.append("\(grouped(findings.count - live.count)) waived") }
    return parts.isEmpty ? "" : "; " + parts.joined(separator: ", ")
  }

  private func total(of report: Report) -> String {
    var parts: [String] = []
    if report.files.contains(where: \.isCheckedWhole) { parts.append(checked(report)) }
    let executions = report.files.compactMap(\.execution)
    if !executions.isEmpty {
      parts.append((parts.isEmpty ? "" : "executed: ") + RunText(style).text(of: executions.sum))
    }
    let failed = report.files.count { $0.failure != nil }
    let lost = failed > 0 ? ", \(grouped(failed)) of them not verified" : ""
    return style.bold("\(number(report.files.count, "file"))")
      + "\(lost): \(parts.joined(separator: "; "))\(others(report.files.flatMap(\.findings)))\n"
  }

  private func checked(_ report: Report) -> String {
    var sum = ReportedCounts()
    var skipped: [SkipReason: Int] = [:]
    for file in report.files {
      sum.checkedFDEs += file.counts.checkedFDEs
      sum.instructions += file.counts.instructions
      sum.proved += file.counts.proved
      sum.refuted += file.counts.refuted
      sum.seen += file.counts.seen
      sum.seenTimes += file.counts.seenTimes
      sum.unresolvedJumps += file.counts.unresolvedJumps
      for unknown in file.counts.unknown { sum.unknown.append(unknown) }
      for skip in file.counts.skipped { skipped[skip.reason, default: 0] += skip.count }
    }
    sum.skipped = skipped.sorted { $0.key < $1.key }.map { ReportedSkip(reason: $0.key, count: $0.value) }
    return "\(number(sum.checkedFDEs, "FDE")), \(verdicts(sum))"
  }
}
