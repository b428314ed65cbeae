import FiberInspection
import Foundation
import FoundationXML
import FrameVerification
import Testing
import VerificationReports

/// What holds of every format, and of single ones.
@Suite struct ReportTests {
  @Test(arguments: ReportFormat.allCases)
  func `the same report gives the same bytes`(_ format: ReportFormat) throws {
    #expect(try written(.sample(), as: format) == written(.sample(), as: format))
  }

  @Test(arguments: ReportFormat.allCases)
  func `an empty report is a whole document`(_ format: ReportFormat) throws {
    let text = try written(.empty, as: format)
    switch format {
    case .text: #expect(text.isEmpty)
    case .json, .sarif: #expect(try JSONSerialization.jsonObject(with: Data(text.utf8)) is [String: Any])
    case .junit:
      let suites = try XMLDocument(data: Data(text.utf8)).nodes(forXPath: "/testsuites[@tests='0'][@failures='0']")
      #expect(suites.count == 1)
    case .html: #expect(text.contains("No files.") && text.hasSuffix("</html>\n"))
    }
  }

  /// A quadratic writer would take hours for the last of these.
  @Test(.timeLimit(.minutes(2)), arguments: ReportFormat.allCases)
  func `10,000 findings take ten times the bytes of 1,000`(_ format: ReportFormat) throws {
    let sizes = try [0, 1_000, 10_000].map { try written(.large($0), as: format).utf8.count }
    let (one, ten) = (sizes[1] - sizes[0], sizes[2] - sizes[0])
    #expect(one > 100_000)
    // Numbers get longer as they grow.
    #expect(abs(ten - 10 * one) < ten / 20)
  }

  @Test(arguments: [ReportFormat.text, .json, .sarif])
  func `pieces stay small however many findings there are`(_ format: ReportFormat) throws {
    var output = CollectedBytes()
    try ReportWriter.write(.large(3_000), as: format, to: &output)
    #expect(output.bytes.count > 1_000_000)
    #expect(output.largestPiece < 200_000)
  }

  @Test func `no line of 80 columns is longer but for names and instructions`() throws {
    var report = Report.sample()
    let words = Array(repeating: "words", count: 60).joined(separator: " ")
    report.files[0].findings[0].explanation = words
    report.files[0].findings[0].story?.evidence.consequence = words
    let text = try written(report, as: .text, style: TextStyle(usesColor: true, directory: "/src/app", columns: 80))
    let lines = text.replacing(#/\u{1b}\[[0-9;]*m/#, with: "").split(separator: "\n")
    #expect(lines.count { $0.contains("words words") } == 11)
    #expect(lines.allSatisfy { !$0.contains("words") || $0.count <= 80 })
  }

  @Test func `colours change no word`() throws {
    let plain = try written(.sample(), as: .text)
    let coloured = try written(.sample(), as: .text, style: TextStyle(usesColor: true, directory: "/src/app"))
    #expect(coloured != plain)
    #expect(coloured.replacing(#/\u{1b}\[[0-9;]*m/#, with: "") == plain)
  }

  @Test func `text without notes shows neither notes nor what is waived`() throws {
    let text = try written(.sample(), as: .text, showsNotes: false)
    #expect(text.contains("error: cfa-wrong") && text.contains("1 note, 2 waived"))
    #expect(!text.contains("undecided") && !text.contains("suppressed:") && !text.contains("Proved means"))
  }

  @Test func `JUnit counts what it has`() throws {
    let document = try XMLDocument(data: Data(written(.sample(), as: .junit).utf8))
    func count(_ path: String) throws -> Int { try document.nodes(forXPath: path).count }
    func total(_ name: String) throws -> Int? {
      try Int(document.nodes(forXPath: "/testsuites/@\(name)").first?.stringValue ?? "")
    }
    #expect(try total("tests") == count("//testcase"))
    #expect(try total("failures") == count("//failure") && count("//failure") == 1)
    #expect(try total("errors") == count("//error") && count("//error") == 1)
    #expect(try total("skipped") == count("//skipped") && count("//skipped") == 3)
  }

  @Test func `SARIF names rules by their index, and results by different fingerprints`() throws {
    let text = try written(.sample(), as: .sarif)
    let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let run = try #require((document["runs"] as? [[String: Any]])?.first)
    let driver = try #require((run["tool"] as? [String: [String: Any]])?["driver"])
    let rules = try #require(driver["rules"] as? [[String: Any]])
    let results = try #require(run["results"] as? [[String: Any]])
    #expect(driver["version"] as? String == toolVersion)
    for result in results {
      let index = try #require(result["ruleIndex"] as? Int)
      #expect(rules[index]["id"] as? String == result["ruleId"] as? String)
    }
    let fingerprints = results.compactMap { ($0["partialFingerprints"] as? [String: String])?.values.first }
    #expect(Set(fingerprints).count == 5)
    #expect((run["invocations"] as? [[String: Any]])?.first?["executionSuccessful"] as? Bool == false)
  }
}
