import FiberTrace
import Foundation
import Testing

@Suite("The documentation's example")
struct DocumentationTests {
  @Test("prints what it says")
  func runs() throws {
    // example
    let numbers = try Fiber<Void, Int, String>(name: "numbers") { suspend, _ in
      for number in 1...3 {
        try suspend(number * number, waiting: "for someone who wants a square")
      }
      return "no more squares"
    }
    var lines: [String] = []
    while true {
      switch try numbers.resume() {
      case .yielded(let square):
        lines.append("\(square)")
        continue
      case .returned(let farewell):
        lines.append(farewell)
      }
      break
    }
    print(lines.joined(separator: ", "))  // 1, 4, 9, no more squares
    // end of example
    #expect(lines.joined(separator: ", ") == "1, 4, 9, no more squares")
  }

  @Test("is the text that the test above runs")
  func isThisText() throws {
    let here = URL(fileURLWithPath: #filePath)
    let root = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let article = try String(
      contentsOf: root.appendingPathComponent("Sources/FiberTrace/FiberTrace.docc/FiberTrace.md"), encoding: .utf8)
    let source = try String(contentsOf: here, encoding: .utf8)
    let shown = try #require(lines(of: article, between: "```swift", and: "```"))
    let run = try #require(lines(of: source, between: "// example", and: "// end of example"))
    #expect(shown == run.map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : $0 })
    #expect(!shown.isEmpty)
  }

  /// The lines between the first that is `start` and the next that is `end`, apart from their indentation.
  private func lines(of text: String, between start: String, and end: String) -> [String]? {
    let lines = text.components(separatedBy: "\n")
    let bare = lines.map { $0.trimmingCharacters(in: .whitespaces) }
    guard let first = bare.firstIndex(of: start), let last = bare[(first + 1)...].firstIndex(of: end) else {
      return nil
    }
    return Array(lines[(first + 1)..<last])
  }
}
