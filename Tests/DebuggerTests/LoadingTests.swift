import TestSupport
import Testing

/// Where the script is loaded from.
@Suite struct LoadingTests {
  @Test func anotherPythonScriptMaySourceIt() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("import gdb\ngdb.execute('source \(GdbSession.script)')\nprint(__file__)\n", to: "outer.py")
    let outer = directory.file("outer.py")
    let session = try await GdbSession.run(
      .nothing, script: false, "source \(outer)", "help fiber none", "source \(outer)")
    #expect(session[0].lines == [outer] && session[2].lines == [outer], "\(session.whole)")
    #expect(session[1].contains("Usage: fiber none"), "\(session.whole)")
  }

  @Test func aRelativePathAndALinkLeadToIt() async throws {
    let directory = try TemporaryDirectory()
    let link = directory.file("fibers.py")
    let session = try await GdbSession.run(
      .nothing, script: false, "cd \(Package.root)/Support", "source gdb/fibertrace.py", "help fiber none",
      "shell ln -s \(GdbSession.script) \(link)", "source \(link)")
    #expect(session[1].lines.isEmpty && session[4].lines.isEmpty, "\(session.whole)")
    #expect(session[2].contains("Usage: fiber none"), "\(session.whole)")
  }
}
