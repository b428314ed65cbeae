import TestSupport
import Testing

/// `$_fiber`, `$_fiber_count`, `$_fiber_of` and `fiber find`.
@Suite struct FiberFunctionsTests {
  @Test func theFiberIsThatOfTheSelectedFrame() async throws {
    let program = try RunningProgram(await DebuggedProgram.states.path())
    let session = try await GdbSession.run(
      .process(program.id), script: true, "p $_fiber()", "frame function outer_body", "p $_fiber()",
      "frame function main",
      "p $_fiber()", "thread 2", "p $_fiber()", "fiber 2", "p $_fiber()", "up", "p $_fiber()", "fiber none",
      "p $_fiber()")
    let values = [0, 2, 4, 6, 8, 10, 12].map { session[$0].lines.last?.split(separator: " ").last }
    #expect(values == ["5", "6", "0", "4", "2", "2", "4"], "\(session.whole)")
  }

  @Test func aBreakpointMayAskForTheFiber() async throws {
    let path = try await DebuggedProgram.states.path()
    let session = try await GdbSession.run(
      .program(path), script: true, "break descend if $_fiber() == 5 && $_fiber_count() == 6", "run", "p depth",
      "p $_fiber()",
      "bt 1", "kill")
    #expect(session[2].lines == ["$1 = 2"], "\(session.whole)")
    #expect(session[3].lines == ["$2 = 5"], "\(session.whole)")
    #expect(session[4].frames.first?.function == "descend", "\(session.whole)")
  }

  /// gdb says nothing of the stops at which the condition is false: fibers 2 and 3 come there first, when fiber 4 is not there.
  @Test func aConditionSeesFibersThatWereNotThereWhenItWasFalse() async throws {
    let session = try await GdbSession.run(
      .program(Package.product("generator")), script: true, "break generator/Tree.swift:18 if $_fiber() == 4", "run",
      "p $_fiber()", "p $_fiber_count()", "kill")
    #expect(session[2].lines == ["$1 = 4"], "\(session.whole)")
    #expect(session[3].lines == ["$2 = 3"], "\(session.whole)")
  }

  @Test func addressesAreFoundOnTheirStacks() async throws {
    let program = try RunningProgram(await DebuggedProgram.states.path())
    let session = try await GdbSession.run(
      .process(program.id), script: true, "p $_fiber_count()", "p $_fiber_of(suspended->sp)",
      "p $_fiber_of(suspended->low)",
      "p $_fiber_of(suspended->low - 1)", "p $_fiber_of(-1)", "p $_fiber_of($sp)", "fiber find suspended->sp + 8",
      "fiber find suspended->sp - 8", "fiber find suspended->low - 1", "fiber find suspended->base", "fiber find",
      "fiber find nowhere_known")
    #expect(
      session.answers.prefix(6).map { $0.lines.last?.split(separator: " ").last } == ["6", "2", "2", "0", "0", "5"],
      "\(session.whole)")
    let label = " lies on the stack of fiber 2 \"ticking\", suspended: "
    let expected = [
      "0x\(label)in use, 8 bytes above its sp 0x.", "0x\(label)not in use, 8 bytes below its sp 0x.",
      "0x lies on no fiber's stack.",
    ]
    #expect(session.answers[6...8].map(\.masked) == expected.map { [$0] }, "\(session.whole)")
    #expect(session[9].contains(label + "in use, "), "\(session.whole)")
    #expect(session[10].lines == ["Argument required (an address; see \"help fiber find\")"], "\(session.whole)")
    #expect(session[11].lines == ["No symbol \"nowhere_known\" in current context."], "\(session.whole)")
  }

  @Test func aWrongNumberOfArgumentsIsToldByTheUsage() async throws {
    let session = try await GdbSession.run(
      .nothing, script: true, "p $_fiber(1)", "p $_fiber_count(1)", "p $_fiber_of()", "p $_fiber_of(1, 2)")
    let usages = ["$_fiber ()", "$_fiber_count ()", "$_fiber_of (ADDRESS)", "$_fiber_of (ADDRESS)"]
    for (answer, usage) in zip(session.answers, usages) {
      #expect(answer.lines.last?.hasSuffix("Wrong number of arguments. Usage: \(usage)") == true, "\(answer)")
    }
  }

  @Test func optionsAndStatesAreCompleted() async throws {
    let session = try await GdbSession.run(
      .nothing, script: true, "complete info fib", "complete info fibers -", "complete info fibers -state not",
      "complete info fibers -state running,s", "complete info fibers -name x -st", "complete $_fib",
      "complete p $_fiber_")
    #expect(session[0].lines == ["info fibers"])
    #expect(session[1].lines == ["info fibers -name", "info fibers -state"])
    #expect(session[2].lines == ["info fibers -state not-found", "info fibers -state not-started"])
    #expect(session[3].lines == ["info fibers -state running,suspended", "info fibers -state running,switching"])
    #expect(session[4].lines == ["info fibers -name x -state"])
  }

  @Test func helpReadsAsGdbsOwn() async throws {
    let session = try await GdbSession.run(
      .nothing, script: true, "help info fibers", "help fiber find", "help function", "apropos fiber")
    #expect(session[0].lines.first == "Display the fibers of the program.", "\(session[0])")
    #expect(session[0].contains("Usage: info fibers [-state STATE[,STATE]...] [-name REGEXP]"), "\(session[0])")
    #expect(session[1].lines.first == "Find the fiber on whose stack an address lies.", "\(session[1])")
    for name in ["_fiber", "_fiber_count", "_fiber_of"] {
      #expect(session[2].contains("function \(name) -- $\(name) - "), "\(session[2])")
    }
    #expect(session[3].contains("info fibers -- Display the fibers of the program."), "\(session[3])")
  }

  @Test func sourcingAgainChangesNothing() async throws {
    let program = try RunningProgram(await DebuggedProgram.states.path())
    let session = try await GdbSession.run(
      .process(program.id), script: true, "info fibers", "source \(GdbSession.script)", "info fibers", "fiber 2",
      "source \(GdbSession.script)", "info fibers", "p $_fiber_count()")
    #expect(session[1].lines.isEmpty && session[4].lines.isEmpty, "\(session.whole)")
    #expect(FiberTable(session[0]).column("Frame") == FiberTable(session[2]).column("Frame"), "\(session.whole)")
    #expect(FiberTable(session[5]).rows.count == 6, "\(session.whole)")
  }
}
