import TestSupport
import Testing

/// A process with two registries.
@Suite struct SeveralRegistriesTests {
  private static let registries = DebuggedProgram(source: "Tests/DebuggerTests/Programs/registries.c")

  @Test func numbersNameTheRegistry() async throws {
    let program = try RunningProgram(await Self.registries.path())
    let session = try await GdbSession.run(
      .process(program.id), script: true, "info fibers", "fiber 1", "fiber find &other_stack[402]",
      "p $_fiber_of(&other_stack[402])", "p $_fiber_count()", "fiber 2", "fiber 7@other", "fiber 1@another")
    let table = FiberTable(session[0])
    #expect(Set(table.column("Id")) == ["1@FiberTrace", "1@other", "2@other"], "\(session.whole)")
    #expect(table["1@FiberTrace"]?["State"] == "not started", "\(session[0])")
    #expect(table["1@other"]?["Frame"].hasPrefix("other_function at registries.c:") == true, "\(session[0])")
    #expect(table["1@other"]?["Stack"] == "896 B/4 KiB", "\(session[0])")
    #expect(table["2@other"]?["Frame"] == "its frames cannot be read", "\(session[0])")
    #expect(
      session[1].lines == ["Fiber 1 is ambiguous: 1@FiberTrace, 1@other."]
        || session[1].lines == ["Fiber 1 is ambiguous: 1@other, 1@FiberTrace."],
      "\(session.whole)")
    #expect(
      session[2].contains("lies on the stack of fiber 1@other \"pushed\", suspended: in use, 16 bytes above"),
      "\(session.whole)")
    #expect(session[3].lines == ["$1 = 1"] && session[4].lines == ["$2 = 3"], "\(session.whole)")
    #expect(
      session[5].lines == ["fiber 2@other \"nowhere\": the registers saved at 0x7000 cannot be read."],
      "\(session.whole)")
    #expect(
      session[6].lines == ["Unknown fiber 7@other."] && session[7].lines == ["Unknown fiber 1@another."],
      "\(session.whole)")
  }

  @Test func oneThatCannotBeReadLeavesTheOther() async throws {
    let program = try RunningProgram(await Self.registries.path())
    let session = try await GdbSession.run(
      .process(program.id), script: true, "set var other_registry.magic = 0", "info fibers")
    let table = FiberTable(session.last)
    #expect(table.column("Id") == ["1"], "\(session.whole)")
    #expect(
      session.last.lines[0].hasSuffix(" is damaged: it starts with 0x0, expected 0x5453494745525446 (FTREGIST)"),
      "\(session.whole)")
  }
}
