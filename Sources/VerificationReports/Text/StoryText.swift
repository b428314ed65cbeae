internal import FiberInspection
internal import FrameVerification

/// One finding for people.
struct StoryText {
  private let style: TextStyle

  init(_ style: TextStyle) { self.style = style }

  /// Some lines, the last one empty.
  func text(of finding: ReportedFinding, in file: ReportedFile) -> String {
    var text = head(of: finding, in: file)
    text += wrapped(sentence(finding.explanation), indent: "  ", indentWidth: 2, columns: style.columns)
    if let waiver = finding.waiver { text += "  \(style.dim(waiver.sentence.escapedForTerminal))\n" }
    if let story = finding.story {
      text += "\n" + lines(story) + "\n"
      let evidence = story.evidence
      text += labelled("goes wrong:", sentence(evidence.consequence))
      if let remedy = evidence.remedy { text += labelled("to mend:   ", self.remedy(remedy, story)) }
    }
    return text + "\n"
  }

  /// "error: cfa-wrong in main+4 at 0x401136 (main.c:3)".
  private func head(of finding: ReportedFinding, in file: ReportedFile) -> String {
    let severity = finding.verdict == .unknown ? "unknown" : finding.severity.rawValue
    let word =
      switch finding.severity {
      case .error: style.refuted(severity)
      case .warning: style.warning(severity)
      case .note: style.dim(severity)
      }
    var text = "\(word): \(style.bold(finding.rule.id))"
    if let function = finding.function {
      text += " in \(function.escapedForTerminal)"
      if let offset = finding.functionOffset, offset > 0 { text += "+\(offset)" }
    }
    if let pc = finding.pc { text += " at \(hexadecimal(pc))" }
    if let section = finding.section, let offset = finding.offset {
      text += " in \(section.escapedForTerminal)+\(hexadecimal(UInt64(clamping: offset)))"
    }
    if let source = finding.sourceFile {
      let place = shortened(source, style.directory).escapedForTerminal
      text += " (\(place)\(finding.sourceLine.map { ":\($0)" } ?? ""))"
    }
    return text + "\n  in \(shortened(file.path, style.directory).escapedForTerminal)\n"
  }

  /// A sentence behind a word as wide as the other ones.
  private func labelled(_ label: String, _ text: String) -> String {
    wrapped(text, indent: "  \(style.bold(label)) ", indentWidth: label.count + 3, columns: style.columns)
  }

  /// Instructions with their rows beside them.
  private func lines(_ story: ReportedStory) -> String {
    let addressWidth = story.lines.map { String($0.address, radix: 16).utf8.count }.max() ?? 0
    let room = max(20, (style.columns ?? 120) - addressWidth - 40)
    let textWidth = min(room, story.lines.map { $0.text.escapedForTerminal.count }.max() ?? 0)
    var text = ""
    var next: UInt64?
    for line in story.lines {
      if let next, line.address != next, text.isEmpty == false { text += "      ...\n" }
      next = line.end
      let address = String(line.address, radix: 16)
      let code = line.text.escapedForTerminal
      var content = "\(String(repeating: " ", count: addressWidth - address.utf8.count))\(address)  \(code)"
      if let row = line.row {
        content += String(repeating: " ", count: max(0, textWidth - code.count) + 2) + row.escapedForTerminal
      }
      switch line.mark {
      case .cause: text += "      \(content)   \(style.warning("<- after this"))\n"
      case .wrong: text += "    \(style.refuted("> \(content)"))   \(style.refuted("<- this row is wrong"))\n"
      case nil: text += "      \(content)\n"
      }
    }
    return text
  }

  private func remedy(_ remedy: Remedy, _ story: ReportedStory) -> String {
    let directive = remedy.directive.escapedForTerminal
    guard let after = remedy.after else { return "\(directive), before the first instruction" }
    let code = story.lines.first { $0.address == after }?.text
    return "\(directive), after \(hexadecimal(after))\(code.map { " " + $0.escapedForTerminal } ?? "")"
  }
}

extension ReportedFinding.Waiver {
  /// Why a finding does not count.
  var sentence: String {
    switch self {
    case .baseline: "known: the baseline has it"
    case .suppressed(let reason): "suppressed: \(reason)"
    }
  }
}
