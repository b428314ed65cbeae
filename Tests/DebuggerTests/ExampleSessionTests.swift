import Foundation
import TestSupport
import Testing

/// The sessions in the READMEs of the samples, run by real gdb.
@Suite struct ExampleSessionTests {
  static let samples = ["ring", "nested", "crowd", "threads", "generator"]

  /// With FIBERTRACE_RECORD_SESSIONS=1 in the environment the pages get what was printed, and the test fails: they are then
  /// reviewed like code.
  static func expectSession(
    _ page: String, section: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let file = URL(filePath: "\(Package.root)/\(page)")
    let text = try String(contentsOf: file, encoding: .utf8)
    let session = DocumentedSession(of: text, section: section)
    try #require(session.steps.count > 3, "\(page) has no session", sourceLocation: sourceLocation)
    let played = try await SessionPlayer().play(session)
    if ProcessInfo.processInfo.environment["FIBERTRACE_RECORD_SESSIONS"] == "1" {
      try Data(session.page(with: played).utf8).write(to: file)
      Issue.record("wrote the transcripts of \(page): review them", sourceLocation: sourceLocation)
      return
    }
    let differences = session.differences(from: played)
    #expect(
      differences.isEmpty, "\(page) shows something else:\n\(differences.joined(separator: "\n"))",
      sourceLocation: sourceLocation)
  }

  private static func session(of sample: String) throws -> DocumentedSession {
    let page = URL(filePath: "\(Package.root)/Examples/\(sample)/README.md")
    return DocumentedSession(of: try String(contentsOf: page, encoding: .utf8))
  }

  @Test(arguments: samples) func theTranscriptIsWhatGdbPrints(sample: String) async throws {
    try await Self.expectSession("Examples/\(sample)/README.md")
  }

  @Test func theSessionOfTheMainPageIsWhatGdbPrints() async throws {
    try await Self.expectSession("README.md", section: "In the debugger")
  }

  /// Mangled names are not counted, which gdb itself prints where it stops and in `frame`. `info fibers` leaves 24 characters of
  /// a function's name, however wide the other columns are.
  @Test(arguments: samples) func linesFitOnAPage(sample: String) throws {
    for step in try Self.session(of: sample).steps {
      for line in [step.command] + step.printed {
        #expect(line.replacing(/\$s[0-9A-Za-z_]+/, with: "").count <= 135, "\(line)")
      }
    }
  }

  /// Each character of a function's name, of a file and of a count tells.
  @Test(arguments: samples) func eachCharacterOfATranscriptIsCompared(sample: String) throws {
    var changed = 0
    for line in Set(try Self.session(of: sample).steps.flatMap(\.printed)) {
      func step(_ printed: String...) -> DocumentedSession.Step {
        DocumentedSession.Step(line: 0, command: "(gdb) bt", printed: printed)
      }
      // What differs from run to run may differ.
      let masked =
        #/
        0x[0-9a-f]+ | [0-9]{2,7} | [0-9.]+\ m?s$ | [0-9.]+\ MiB | (__libc_)?pause\b.* | .*\tpause\.c.* | \ +
        /#
      let free = Set(line.ranges(of: masked).flatMap { Array(line.indices[$0]) })
      for place in line.indices where !free.contains(place) {
        var other = line
        other.replaceSubrange(place...place, with: line[place] == "_" ? "-" : "_")
        #expect(!step(line).differences(from: step(other)).isEmpty, "\(other)")
        changed += 1
      }
      #expect(!step(line).differences(from: step(line, "one line more")).isEmpty)
    }
    #expect(changed > 500)
  }
}
