import FrameVerification

/// What hostile files call things.
enum HostileName: String, CaseIterable {
  case quote = "a\"onmouseover=alert(1) b='"
  /// U+0301 makes one character with what stands before it.
  case combinedQuote = "a\"\u{301}onmouseover=alert(1) x='\u{301}"
  case combinedTag = "<\u{301}b><\u{338}script>alert(1)</script>\u{338}&\u{301}"
  case script = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"
  case template = "{{style}}{{{script}}}{{#files}}{{/files}}{{=<% %>=}}"
  case cdata = "]]><!-- --> <![CDATA[ &amp; &#0;"
  case json = "\\\",\"version\":2,\"x\":\"\\u0000"
  case controls = "\u{1b}[31m\u{1b}]0;owned\u{7}\r\n\u{b}\u{c}\u{0}\u{7f}\u{9b}"
  case directions = "\u{202e}evil\u{2066}\u{feff}\u{2028}"
  case noncharacters = "\u{fffe}\u{ffff}\u{10ffff}\u{e000}"
}

extension Report {
  /// The sample with `name` wherever a file may have its say.
  static func hostile(_ name: String) -> Report {
    var report = Report.sample()
    for index in report.files.indices {
      report.files[index].path += name
      report.files[index].problems = report.files[index].problems.map { $0 + name }
      report.files[index].failure = report.files[index].failure.map { $0 + name }
      report.files[index].findings = report.files[index].findings.map { hostile(name, $0) }
    }
    return report
  }

  private static func hostile(_ name: String, _ finding: ReportedFinding) -> ReportedFinding {
    var finding = finding
    finding.function = name
    finding.rawFunction = name
    finding.section = name
    finding.offset = 1
    finding.sourceFile = finding.sourceFile.map { $0 + name }
    finding.explanation += name
    if case .suppressed(let reason) = finding.waiver { finding.waiver = .suppressed(reason: reason + name) }
    if var story = finding.story {
      story.evidence.claim += name
      story.evidence.reality += name
      story.evidence.consequence += name
      story.evidence.remedy?.directive += name
      for index in story.lines.indices {
        story.lines[index].text += name
        story.lines[index].row? += name
      }
      finding.story = story
    }
    return finding
  }
}
