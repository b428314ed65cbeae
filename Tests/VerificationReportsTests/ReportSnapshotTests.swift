import FiberInspection
import FrameVerification
import TestSupport
import Testing
import VerificationReports

/// Reports as they are read.
@Suite struct ReportSnapshotTests {
  @Test func `text of any width`() throws {
    let text = try written(.sample(), as: .text)
    #expect(try text == snapshot("report", or: text))
  }

  @Test func `text of 80 columns, with colours`() throws {
    let style = TextStyle(usesColor: true, directory: "/src/app", columns: 80)
    let text = try written(.sample(), as: .text, style: style).replacing("\u{1b}", with: "ESC")
    #expect(try text == snapshot("colours-80", or: text))
  }

  @Test(arguments: [(ReportFormat.json, "report.json"), (.junit, "report.xml"), (.html, "report.html")])
  func `documents`(_ format: ReportFormat, _ name: String) throws {
    let text = try written(.sample(), as: format)
    #expect(try text == snapshot(name, or: text))
  }

  @Test(arguments: [
    (ReportFormat.text, "run.txt"), (.json, "run.json"), (.junit, "run.xml"), (.html, "run.html"),
  ])
  func `runs of programs`(_ format: ReportFormat, _ name: String) throws {
    let text = try written(.executed(), as: format)
    #expect(try text == snapshot(name, or: text))
  }

  /// Without the rules, which are listed in `Docs/rules`, and their order.
  @Test func `SARIF`() throws {
    let text = try written(.sample(), as: .sarif)
      .replacing(/"rules":\[.*\],"version"/, with: #""rules":[],"version""#)
      .replacing(/"ruleIndex":[0-9]+/, with: #""ruleIndex":0"#)
    #expect(try text == snapshot("report.sarif", or: text))
  }
}
