import Foundation
import TestSupport
import Testing

/// Docs/gdb.md, held against what gdb prints of the release build of `ring`.
@Suite struct GdbDocumentTests {
  private static func page() throws -> [String] {
    try String(contentsOf: URL(filePath: "\(Package.root)/Docs/gdb.md"), encoding: .utf8).components(separatedBy: "\n")
  }

  /// Commands of the session, each with the lines shown below it.
  private static func session() throws -> [(command: String, lines: [String])] {
    let page = try page()
    let start = try #require(page.firstIndex(of: "```console"))
    let end = try #require(page[start...].firstIndex(of: "```"))
    var session: [(command: String, lines: [String])] = []
    for line in page[(start + 1)..<end] {
      if line.hasPrefix("(gdb) ") {
        session.append((String(line.dropFirst("(gdb) ".count)), []))
      } else if !session.isEmpty {
        session[session.count - 1].lines.append(line)
      }
    }
    return session
  }

  /// Without addresses, sizes of frames, lines of the switch's own sources, and the place of the checkout.
  private static func stable(_ line: String) -> String {
    line
      .replacing(/\ \/[^ ]*\/(Sources|Examples)\//) { " /src/fibertrace/\($0.1)/" }
      .replacing(/0x[0-9a-f]+/, with: "0x")
      .replacing(/[0-9.]+ (B|KiB)\//, with: "N/")
      .replacing(/(fiber_x86_64\.S|CFiberAsm\.h):[0-9]+/) { "\($0.1):N" }
      .replacing(/\ +/, with: " ")
  }

  @Test("The session shown is what gdb prints, in this order, but for the lines left out")
  func session() async throws {
    let shown = try Self.session()
    #expect(shown.count > 10)
    let program = try RunningProgram(Package.release("ring"), "--pause")
    let session = try await GdbSession.run(.process(program.id), script: true, commands: shown.map(\.command))
    try #require(session.answers.count == shown.count, "\(session.whole)")
    for (answer, shown) in zip(session.answers, shown) {
      var printed = answer.lines.map(Self.stable)[...]
      if !shown.lines.contains("[...]") {
        #expect(
          shown.lines.map(Self.stable) == Array(printed.prefix(shown.lines.count)), "\(shown.command):\n\(answer)")
      }
      for line in shown.lines.map(Self.stable) where line != "[...]" {
        let index = printed.firstIndex(of: line)
        #expect(index != nil, "\(shown.command) does not print \(line):\n\(answer)")
        if let index { printed = printed[(index + 1)...] }
      }
    }
  }

  @Test("Each command is documented, in gdb's help and on the page")
  func commands() async throws {
    let page = try Self.page().joined(separator: "\n")
    let session = try await GdbSession.run(.nothing, script: true, "help fiber", "help function")
    let words =
      session[0].lines.compactMap { $0.wholeMatch(of: /(fiber [a-z]+) -- .*/).map { String($0.1) } }
      + session[1].lines.compactMap { $0.firstMatch(of: /\$_fiber[a-z_]*/).map { String($0.0) } }
    #expect(words.count >= 6, "\(words)")
    for word in words { #expect(page.contains("`\(word)"), "\(word) is not on the page") }
  }

  @Test("The line that loads the commands does")
  func loading() async throws {
    let line = try #require(try Self.page().first { $0.hasPrefix("source PREFIX/") })
    // As Scripts/install puts them.
    let path = line.replacing("source PREFIX/share/fibertrace/gdb", with: "\(Package.root)/Support/gdb")
    #expect(path == GdbSession.script)
    let session = try await GdbSession.run(.nothing, script: false, "source \(path)", "source \(path)", "help fiber")
    #expect(session[0].lines.isEmpty && session[1].lines.isEmpty, "\(session.whole)")
    #expect(session[2].contains("Usage: fiber [ID]"), "\(session.whole)")
  }
}
