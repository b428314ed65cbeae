import Foundation
import TestSupport
import Testing

/// Documentation is run: each Swift block of an article and of the README stands verbatim in a test of this folder.
@Suite("In the documentation")
struct DocumentationTests {
  private static let articles = "\(Package.root)/Sources/FiberTrace/FiberTrace.docc"

  private static func files(in directory: String, type: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".\(type)") }
      .map { "\(directory)/\($0)" }.sorted()
  }

  private static func text(_ file: String) throws -> String {
    try String(contentsOf: URL(filePath: file), encoding: .utf8)
  }

  /// Each run of lines between one that is `start` and the next that is `end`, without the indentation of the first.
  private static func blocks(of text: String, between start: String, and end: String) -> [String] {
    var blocks: [String] = []
    var rest = text.components(separatedBy: "\n")[...]
    while let first = rest.firstIndex(where: { $0.trimmingCharacters(in: .whitespaces) == start }),
      let last = rest[(first + 1)...].firstIndex(where: { $0.trimmingCharacters(in: .whitespaces) == end })
    {
      let indentation = rest[first].prefix { $0 == " " }
      blocks.append(
        rest[(first + 1)..<last].map { String($0.trimmingPrefix(indentation)) }.joined(separator: "\n"))
      rest = rest[(last + 1)...]
    }
    return blocks
  }

  private static func shown() throws -> [String] {
    try files(in: articles, type: "md").flatMap { blocks(of: try text($0), between: "```swift", and: "```") }
  }

  private static func run() throws -> [String] {
    let directory = URL(filePath: #filePath).deletingLastPathComponent().path
    return try files(in: directory, type: "swift").filter { !$0.hasSuffix("/DocumentationTests.swift") }
      .flatMap { blocks(of: try text($0), between: "// example", and: "// end of example") }
  }

  @Test("each example is run by a test, and each example that is run is shown")
  func examples() throws {
    let shown = Set(try Self.shown())
    let run = Set(try Self.run())
    #expect(shown.count > 15)
    #expect(shown.subtracting(run) == [], "no test runs these")
    #expect(run.subtracting(shown) == [], "no article shows these")
  }

  @Test("the README's examples are run by tests, too")
  func readme() throws {
    let shown = Set(Self.blocks(of: try Self.text("\(Package.root)/README.md"), between: "```swift", and: "```"))
    #expect(!shown.isEmpty)
    #expect(shown.subtracting(try Self.run()) == [], "no test runs these")
  }

  @Test("what an example says that it prints is what its test expects")
  func comments() throws {
    for block in try Self.run() {
      for line in block.components(separatedBy: "\n") where line.contains("print(") && line.contains("  // ") {
        let said = line[(line.range(of: "  // ", options: .backwards)?.upperBound ?? line.endIndex)...]
        if said.contains("some nanoseconds") { continue }
        let directory = URL(filePath: #filePath).deletingLastPathComponent().path
        let tests = try Self.files(in: directory, type: "swift").map { try Self.text($0) }
        let expected = tests.contains { $0.contains("\"\(said)\"") }
        #expect(expected, "no test expects: \(said)")
      }
    }
  }

  @Test("each article is in the index, and each link leads to one")
  func index() throws {
    let names = try Self.files(in: Self.articles, type: "md").map {
      URL(filePath: $0).deletingPathExtension().lastPathComponent
    }
    let index = try Self.text("\(Self.articles)/FiberTrace.md")
    for name in names where name != "FiberTrace" { #expect(index.contains("- <doc:\(name)>"), "\(name)") }
    for file in try Self.files(in: Self.articles, type: "md") {
      for link in try Self.text(file).matches(of: /<doc:(?<name>[A-Za-z]+)>/) {
        #expect(names.contains(String(link.output.name)), "\(file): \(link.output.name)")
      }
    }
  }

  @Test("each test that the list of peers' promises names is there")
  func peers() throws {
    let article = try Self.text("\(Self.articles)/Peers.md")
    let tests = article.matches(of: /`(?<file>[A-Z][A-Za-z]+Tests)\.(?<function>[A-Za-z]+)`/)
    #expect(tests.count > 30)
    for test in tests {
      let file = "\(Package.root)/Tests/FiberTraceTests/\(test.output.file).swift"
      let source = try Self.text(file)
      #expect(source.contains("func \(test.output.function)("), "\(test.output.0)")
    }
  }
}
