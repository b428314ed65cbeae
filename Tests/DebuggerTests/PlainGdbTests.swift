import TestSupport
import Testing

/// gdb without any script.
@Suite struct PlainGdbTests {
  @Test func walksFromARunningFiberToMain() async throws {
    let program = try RunningProgram(await DebuggedProgram.states.path())
    let session = try await GdbSession.run(.process(program.id), script: false, "bt")
    let functions = session.last.frames.map(\.function)
    #expect(
      functions.drop { $0 != "stand" } == [
        "stand", "descend", "descend", "descend", "inner_body", "<signal handler called>", "ft_fiber_resume",
        "ft_resume",
        "outer_body", "<signal handler called>", "ft_fiber_resume", "ft_resume", "main",
      ], "\(session.whole)")
  }
}
