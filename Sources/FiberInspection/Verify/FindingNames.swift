internal import CallFrameInfo
package import FrameVerification

/// Gives findings the names, source lines and listings that people read. Everything is looked up for what is shown only.
package struct FindingNames {
  private let file: ListedFile
  private let stories: StoryBuilder

  package init(_ file: ListedFile) {
    self.file = file
    stories = StoryBuilder(file)
  }

  /// Findings as they are reported, in their order.
  package func reported(_ findings: [Finding]) -> [ReportedFinding] {
    var lines = stories.lines(of: findings.compactMap(\.evidence))[...]
    return findings.map { finding in
      var reported = ReportedFinding(
        rule: finding.rule, severity: finding.severity, verdict: .refuted, explanation: finding.explanation)
      let address = finding.address ?? finding.fde.map { file.table.fdes[$0].addresses.lowerBound }
      if let address { name(address, fde: finding.fde, &reported) }
      reported.pc = finding.address
      reported.section = finding.section
      reported.offset = finding.offset
      if let evidence = finding.evidence {
        reported.story = ReportedStory(evidence: evidence, lines: lines.removeFirst())
      }
      return reported
    }
  }

  /// What of a function is unknown, a finding for each reason.
  func unknown(of verdicts: FunctionVerdicts) -> [ReportedFinding] {
    verdicts.unknown.sorted { $0.key < $1.key }.map { reason, count in
      let fde = file.table.fdes[verdicts.fde]
      var reported = ReportedFinding(
        rule: .undecided, severity: .note, verdict: .unknown,
        explanation:
          "\(count) \(count == 1 ? "instruction is" : "instructions are") neither proved nor refuted: \(reason.sentence)"
      )
      reported.pc = fde.addresses.lowerBound
      name(fde.addresses.lowerBound, fde: verdicts.fde, &reported)
      return reported
    }
  }

  /// Where the function around an address of the file begins, as far as symbols or FDEs tell. O(log n).
  package func functionStart(of address: UInt64) -> UInt64? {
    file.symbols.symbol(at: address).map { address &- $0.offset } ?? file.table.fde(at: address)?.addresses.lowerBound
  }

  private func name(_ address: UInt64, fde: Int?, _ reported: inout ReportedFinding) {
    // The name of the function around the address; of code that begins with padding, the function that follows.
    let symbol =
      file.symbols.symbol(at: address) ?? fde.flatMap { file.symbols.title(of: file.table.fdes[$0].addresses) }
    reported.function = symbol?.name
    reported.rawFunction = symbol?.rawName
    reported.functionOffset = symbol?.offset
    if let line = file.debugFile?.line(at: address) {
      reported.sourceFile = line.path
      reported.sourceLine = line.line
    }
  }
}
