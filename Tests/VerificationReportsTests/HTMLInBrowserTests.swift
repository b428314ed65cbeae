import FrameVerification
import TestSupport
import Testing
import VerificationReports

/// The page in a browser, as its script leaves it.
@Suite struct HTMLInBrowserTests {
  /// The document that Chromium has once `report` is loaded, with a fragment that the filter reads.
  private func document(of report: Report, filter: String = "") async throws -> Page {
    let directory = try TemporaryDirectory()
    let path = try directory.write(written(report, as: .html), to: "report.html")
    let result = try await CommandQueue.run(
      "chromium",
      [
        // Tests run as root in containers, where Chromium has no sandbox.
        "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(directory.file("profile"))", "--dump-dom",
        "file://\(path)\(filter.isEmpty ? "" : "#\(filter)")",
      ])
    try #require(result.status == 0, "\(result.errors)")
    return Page(text: result.output)
  }

  @Test func `errors and warnings are shown first`() async throws {
    let page = try await document(of: .sample())
    #expect(page.shown == ["cfa-wrong 0x401001", "terminator-missing "])
    #expect(page.count == "2 findings")
  }

  @Test(
    arguments: [
      ("0x401001", ["cfa-wrong 0x401001"]), ("terminator", ["terminator-missing "]),
      ("switch.S:12%20CFA", ["cfa-wrong 0x401001"]),
      ("switch_to%20terminator", []), ("a%20b%20eh_frame", ["terminator-missing "]), ("0x402001", []),
    ])
  func `the filter wants all its words, in any case`(_ filter: String, _ shown: [String]) async throws {
    let page = try await document(of: .sample(), filter: filter)
    #expect(page.shown == shown)
    #expect(page.count == (shown.count == 1 ? "1 finding" : "\(shown.count) findings"))
  }

  @Test func `a fragment that is no text filters nothing`() async throws {
    #expect(try await document(of: .sample(), filter: "%ff%").shown.count == 2)
  }

  @Test func `an empty report is a page`() async throws {
    let page = try await document(of: .empty)
    #expect(page.text.contains("No files."))
    #expect(page.count == "0 findings")
  }

  @Test(arguments: [HostileName.script, .combinedQuote, .combinedTag, .template])
  func `a name does nothing`(_ name: HostileName) async throws {
    let page = try await document(of: .hostile(name.rawValue))
    #expect(page.text.contains("<title>fibertrace verify</title>"))
    #expect(page.text.matches(of: /<(script|img|style)\b/).count == 2)
    #expect(page.attributes.filter { $0.hasPrefix("on") } == ["onsubmit"])
    #expect(page.shown.count == 2)
  }
}

/// A document as Chromium writes it.
private struct Page {
  let text: String

  /// Rule and address of the findings that are not hidden.
  var shown: [String] {
    text.matches(
      of: /<details class="finding"([^>]*)>\s*<summary>.*?<b [^>]*>([^<]*)<\/b>[^\n]*\n<code>([^<]*)<\/code>/
    )
    .filter { !$0.1.contains("hidden") }.map { "\($0.2) \($0.3)" }
  }

  /// Names of all attributes.
  var attributes: [Substring] {
    text.matches(of: /<[a-z][^\s>]*((?:\s+[^\s"=<>]+(?:="[^"]*")?)*)\s*>/).flatMap { tag in
      tag.1.matches(of: /([^\s"=<>]+)(?:="[^"]*")?/).map(\.1)
    }
  }

  /// What the page says of how many findings it shows.
  var count: Substring? { text.firstMatch(of: /<output id="shown">([^<]*)<\/output>/)?.1 }
}
