import Foundation
import FrameVerification
import TestSupport
import Testing
import VerificationReports

/// Docs/verify-json.md, held against what is written.
@Suite struct DocumentedReportTests {
  @Test func `the page names every member that is written, and no other`() throws {
    let page = try String(contentsOf: URL(filePath: "\(Package.root)/Docs/verify-json.md"), encoding: .utf8)
    var documented: Set<String> = []
    for line in page.split(separator: "\n") where line.hasPrefix("| `") {
      let cell = line.dropFirst(2).prefix { $0 != "|" }
      documented.formUnion(cell.matches(of: /`([A-Za-z]+)`/).map { String($0.1) })
    }
    let documents = try [Report.sample(), .executed()].map {
      try JSONSerialization.jsonObject(with: Data(written($0, as: .json).utf8))
    }
    #expect(keys(documents, below: nil) == documented)
  }

  @Test func `the page names every value that is one of a few`() throws {
    let page = try String(contentsOf: URL(filePath: "\(Package.root)/Docs/verify-json.md"), encoding: .utf8)
    let edges: [Evidence.Edge] = [
      .fallThrough, .branch, .afterCall, .tailCall, .landingPad, .return, .entry, .execution,
    ]
    for word in edges.map(\.rawValue) + Severity.allCases.map(\.rawValue) + ["refuted", "unknown", "cause", "wrong"] {
      #expect(page.contains("\"\(word)\""), "\(word) is not documented")
    }
  }

  private static let reasons: Set<String> = ["unknown", "skippedFDEs", "unjudged", "endedEarly"]

  /// Names of members, but for those that are reasons.
  private func keys(_ value: Any, below parent: String?) -> Set<String> {
    if let array = value as? [Any] { return array.reduce(into: []) { $0.formUnion(keys($1, below: parent)) } }
    guard let object = value as? [String: Any], parent.map(Self.reasons.contains) != true else { return [] }
    return object.reduce(into: Set(object.keys)) { $0.formUnion(keys($1.value, below: $1.key)) }
  }
}
