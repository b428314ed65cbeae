internal import FiberInspection
internal import FrameVerification
internal import Mustache

/// One page of HTML with its style and script in it: files, their findings, rows beside code, and a filter.
struct HTMLReport {
  private let directory: String?

  init(directory: String?) { self.directory = directory }

  func write(_ report: Report, to output: inout some ByteOutput) throws {
    let template = try MarkupText.template(HTMLPage.template)
    let files = report.files.map(file)
    let findings = report.files.reduce(0) { $0 + $1.findings.count }
    let refuted = report.files.reduce(0) { $0 + $1.counts.refuted }
    let plain = RunText(TextStyle(directory: directory))
    let text = template.render([
      "run": report.run.map(plain.text) ?? "", "files": files, "assumptions": report.assumptions,
      "style": HTMLPage.style, "script": HTMLPage.script,
      "summary":
        "\(number(report.files.count, "file")), \(number(findings, "finding")), \(number(refuted, "refuted instruction"))",
    ])
    output.write(Array(text.utf8))
  }

  private func file(_ file: ReportedFile) -> [String: Any] {
    let counts = file.counts
    let unknown = counts.unknown.map { "\($0.reason.rawValue) \(grouped($0.count))" }.joined(separator: ", ")
    var entry: [String: Any] = [
      "path": shortened(file.path, directory).escapedForTerminal, "hasFrames": counts.fdes > 0,
      "isExecutedOnly": !file.isCheckedWhole,
      "executed": file.execution.map(RunText(TextStyle(directory: directory)).text) ?? "",
      "fdes": number(counts.checkedFDEs, "FDE"), "instructions": number(counts.instructions, "instruction"),
      "proved": percentage(counts.proved, of: counts.instructions),
      "refuted": grouped(counts.refuted), "unknown": grouped(counts.unknownTotal), "unknownReasons": unknown,
      "unresolvedJumps": counts.unresolvedJumps > 0 ? number(counts.unresolvedJumps, "unresolved jump") : "",
      "skipped": counts.skippedFDEs > 0 ? "\(number(counts.skippedFDEs, "FDE")) skipped" : "",
      "skipReasons": counts.skipped.map { "\($0.reason.rawValue) \(grouped($0.count))" }.joined(separator: ", "),
      "isRefuted": counts.refuted > 0,
      "seen": counts.seen > 0 ? "\(grouped(counts.seen)) seen \(number(counts.seenTimes, "time"))" : "",
      "findings": file.findings.map(finding),
      "problems": file.problems.map(\.escapedForTerminal), "open": file.findings.contains { $0.isLiveError },
    ]
    if let failure = file.failure { entry["failure"] = failure.escapedForTerminal }
    return entry
  }

  private func finding(_ finding: ReportedFinding) -> [String: Any] {
    var place = finding.function?.escapedForTerminal ?? ""
    if let offset = finding.functionOffset, offset > 0, !place.isEmpty { place += "+\(offset)" }
    var entry: [String: Any] = [
      "rule": finding.rule.id, "ruleSummary": finding.rule.summary, "function": place,
      "severity": finding.verdict == .unknown ? "unknown" : finding.severity.rawValue,
      "explanation": sentence(finding.explanation), "isOpen": finding.isLiveError,
    ]
    if let pc = finding.pc { entry["pc"] = hexadecimal(pc) }
    if let section = finding.section, let offset = finding.offset {
      entry["record"] = "\(section.escapedForTerminal)+\(hexadecimal(UInt64(clamping: offset)))"
    }
    if let source = finding.sourceFile {
      entry["source"] =
        shortened(source, directory).escapedForTerminal + (finding.sourceLine.map { ":\($0)" } ?? "")
    }
    if let waiver = finding.waiver { entry["waived"] = waiver.sentence.escapedForTerminal }
    if let story = finding.story { entry["story"] = self.story(story) }
    return entry
  }

  private func story(_ story: ReportedStory) -> [String: Any] {
    var next = story.lines.first?.address
    var entry: [String: Any] = [
      "consequence": sentence(story.evidence.consequence),
      "lines": story.lines.map { line -> [String: Any] in
        defer { next = line.end }
        return [
          "gap": line.address != next,
          "address": String(line.address, radix: 16), "code": line.text.escapedForTerminal,
          "row": line.row?.escapedForTerminal ?? "", "mark": line.mark?.rawValue ?? "",
          "says": line.mark.map { $0 == .cause ? "after this" : "this row is wrong" } ?? "",
        ]
      },
    ]
    if let remedy = story.evidence.remedy {
      entry["remedy"] = remedy.directive.escapedForTerminal
      entry["remedyPlace"] = remedy.after.map { "after \(hexadecimal($0))" } ?? "before the first instruction"
    }
    return entry
  }
}

extension ReportedFinding {
  /// It makes the command fail.
  fileprivate var isLiveError: Bool { severity == .error && verdict == .refuted && waiver == nil }
}
