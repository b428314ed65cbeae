internal import FiberInspection
internal import FrameVerification
internal import Mustache

/// JUnit's XML: a suite for each file; in it a case for each finding that is an error, and one for all the rest.
struct JUnitReport {
  private let directory: String?

  init(directory: String?) { self.directory = directory }

  private static let template = """
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="fibertrace verify" tests="{{tests}}" failures="{{failures}}" errors="{{errors}}" skipped="{{skipped}}">
    {{#suites}}
      <testsuite name="{{name}}" tests="{{tests}}" failures="{{failures}}" errors="{{errors}}" skipped="{{skipped}}">
    {{#cases}}
        <testcase classname="{{name}}" name="{{title}}">
    {{#refutation}}
          <failure message="{{message}}" type="{{type}}">{{text}}</failure>
    {{/refutation}}
    {{#fault}}
          <error message="{{.}}"/>
    {{/fault}}
    {{#waiver}}
          <skipped message="{{.}}"/>
    {{/waiver}}
        </testcase>
    {{/cases}}
      </testsuite>
    {{/suites}}
    </testsuites>

    """

  func write(_ report: Report, to output: inout some ByteOutput) throws {
    let template = try MarkupText.template(Self.template)
    let suites = report.files.map(suite)
    func sum(_ key: String) -> Int { suites.reduce(0) { $0 + ($1[key] as? Int ?? 0) } }
    let text = template.render([
      "suites": suites, "tests": sum("tests"), "failures": sum("failures"), "errors": sum("errors"),
      "skipped": sum("skipped"),
    ])
    output.write(Array(text.utf8))
  }

  private func suite(_ file: ReportedFile) -> [String: Any] {
    let name = shortened(file.path, directory).escapedForTerminal
    var cases: [[String: Any]] = []
    let stories = StoryText(TextStyle(directory: directory))
    var skipped = 0
    for finding in file.findings where finding.severity == .error || finding.verdict == .unknown {
      var title = finding.rule.id
      if let function = finding.function { title += " in \(function)" }
      if let pc = finding.pc {
        title += " at \(hexadecimal(pc))"
      } else if let section = finding.section, let offset = finding.offset {
        title += " in \(section)+\(hexadecimal(UInt64(clamping: offset)))"
      }
      var entry: [String: Any] = ["name": name, "title": title.escapedForTerminal]
      if let waiver = finding.waiver {
        entry["waiver"] = waiver.sentence.escapedForTerminal
        skipped += 1
      } else if finding.verdict == .unknown {
        entry["waiver"] = finding.explanation.escapedForTerminal
        skipped += 1
      } else {
        entry["refutation"] = [
          "message": finding.explanation.escapedForTerminal, "type": finding.rule.id,
          "text": stories.text(of: finding, in: file),
        ]
      }
      cases.append(entry)
    }
    let failures = cases.count { $0["refutation"] != nil }
    var rest: [String: Any] = ["name": name, "title": "everything else"]
    if let failure = file.failure { rest["fault"] = failure.escapedForTerminal }
    cases.append(rest)
    return [
      "name": name, "cases": cases, "tests": cases.count, "failures": failures, "errors": file.failure == nil ? 0 : 1,
      "skipped": skipped,
    ]
  }
}
