import Foundation
import TestSupport
import Testing

/// gdb without any script on `fibertrace gdbstub`, of live processes and of cores.
@Suite struct GdbStubTests {
  /// A session that begins with `target remote`; its answer is the first.
  private func session(
    _ program: String, _ target: String, script: Bool = false, _ commands: String...
  ) async throws -> GdbSession {
    let connect = try "target remote | \(Package.product("fibertrace")) gdbstub \(target)"
    return try await GdbSession.run(
      .program(program), script: script, settings: ["set complaints 0"], commands: [connect] + commands)
  }

  /// What `info threads` says of each thread: what stands before the frame, ids of process and threads masked.
  private func threads(_ text: GdbText) -> [String] {
    text.lines.compactMap { line in
      guard let match = line.firstMatch(of: /[ *] [0-9]+ +Thread [0-9]+\.([0-9]+) (".+?" \([^()]*\))/) else {
        return nil
      }
      let number = Int(match.1) ?? 0
      let fiber = number >= 1_000_000_000 ? "\(number - 1_000_000_000) " : ""
      return fiber + match.2.replacing(/thread [0-9]+/, with: "thread N")
    }
  }

  private static let fibers = [
    "1 \"fiber 1 never started\" (not started)", "2 \"fiber 2 ticking\" (suspended: for the next tick)",
    "4 \"fiber 4 on a thread\" (running on thread N)", "5 \"fiber 5 inner\" (running on thread N)",
    "6 \"fiber 6 outer\" (resuming #5 on thread N)",
  ]

  /// Makes the thread of this name the current one.
  private func choose(_ name: String) -> String {
    "python [thread.switch() for thread in gdb.selected_inferior().threads() if thread.name == '\(name)']"
  }

  private func checkThreadsAndFrames(_ path: String, _ target: String) async throws {
    let session = try await session(
      path, target, "info threads", "bt", choose("fiber 5 inner"), "bt", choose("fiber 6 outer"), "bt",
      choose("fiber 2 ticking"), "bt", choose("fiber 1 never started"), "bt", choose("fiber 4 on a thread"), "bt")
    let listed = threads(session[1])
    for fiber in Self.fibers { #expect(listed.contains(fiber), "\(session.whole)") }
    #expect(listed.count == 7, "\(session.whole)")
    #expect(listed.contains { $0.contains("runs fiber #5") }, "\(session.whole)")
    // The innermost first, and on to what resumed it.
    let running = [
      "stand", "descend", "descend", "descend", "inner_body", "<signal handler called>", "ft_fiber_resume", "ft_resume",
      "outer_body", "<signal handler called>", "ft_fiber_resume", "ft_resume", "main",
    ]
    func functions(_ answer: Int) -> [String] { session[answer].frames.map(\.function) }
    #expect(Array(functions(2).drop { $0 != "stand" }) == running, "\(session.whole)")
    #expect(functions(4) == functions(2), "\(session.whole)")
    #expect(functions(6) == Array(running.dropFirst(6)), "\(session.whole)")
    #expect(
      functions(8) == [
        "ft_fiber_suspend", "ft_suspend", "wait_for_tick", "ticking_body", "<signal handler called>",
        "ft_fiber_not_running",
      ], "\(session.whole)")
    #expect(
      functions(10) == ["ft_fiber_suspend", "<signal handler called>", "ft_fiber_not_running"], "\(session.whole)")
    let threaded = functions(12).drop { $0 != "threaded_body" }
    #expect(
      threaded.prefix(5) == [
        "threaded_body", "<signal handler called>", "ft_fiber_resume", "ft_resume", "thread_main",
      ],
      "\(session.whole)")
  }

  @Test func everyFiberOfAProcessIsANamedThreadWithItsFrames() async throws {
    let path = try await DebuggedProgram.states.path()
    let program = try RunningProgram(path)
    try await checkThreadsAndFrames(path, program.argument)
    #expect(program.state == "S")
  }

  @Test func everyFiberOfACoreIsToo() async throws {
    let directory = try TemporaryDirectory()
    let path = try await DebuggedProgram.states.path()
    try await checkThreadsAndFrames(path, try RunningProgram(path).core(in: directory))
  }

  @Test func variablesOfASuspendedFiberAreRightAndRegistersThatNobodyKnowsUnavailable() async throws {
    let path = try await DebuggedProgram(
      source: "Tests/CommandTests/Programs/states.c", options: ["-O0", "-Wno-infinite-recursion"]
    ).path()
    let program = try RunningProgram(path)
    let session = try await session(
      path, program.argument, choose("fiber 2 ticking"), "info registers rbx", "frame function wait_for_tick",
      "print (char *)record->name", "frame 1", "info registers rbx", "print $sp != 0", "frame function ticking_body",
      "info args")
    #expect(session[2].contains("<unavailable>"), "\(session.whole)")
    #expect(session[4].contains("\"ticking\""), "\(session.whole)")
    #expect(session[6].contains("<not saved>"), "\(session.whole)")
    #expect(session[7].contains("= 1"), "\(session.whole)")
    #expect(session[9].contains("argument = 0x0"), "\(session.whole)")
  }

  @Test func nothingRunsAndNothingIsChangedAndTheProcessGoesOn() async throws {
    let path = try await DebuggedProgram.states.path()
    let program = try RunningProgram(path)
    let session = try await session(
      path, program.argument, "break stand", "continue", "delete", "stepi", "print $rax = 5", "print *(int *)$sp = 5",
      "print (int)getpid()", "watch *(int *)$sp", "continue", "delete", "kill", "info inferiors", "detach",
      "info threads")
    for command in [2, 4, 5, 9] {
      #expect(
        session[command].contains("this is a snapshot of process \(program.id) and cannot be"), "\(session.whole)")
    }
    #expect(session[6].contains("cannot be changed"), "\(session.whole)")
    #expect(session[7].contains("cannot be changed"), "\(session.whole)")
    #expect(session[11].contains("cannot be killed"), "\(session.whole)")
    #expect(session[12].contains("process \(program.id)"), "\(session.whole)")
    #expect(session[13].contains("detached"), "\(session.whole)")
    #expect(session[14].contains("No threads."), "\(session.whole)")
    #expect(program.state == "S")
  }

  @Test(arguments: ["disconnect", "quit", "kill"]) func howeverGdbLeavesTheProcessGoesOn(command: String) async throws {
    let path = try await DebuggedProgram.states.path()
    let program = try RunningProgram(path)
    _ = try await session(path, program.argument, command)
    #expect(program.state == "S")
  }

  @Test func aCoreCannotBeContinuedEither() async throws {
    let directory = try TemporaryDirectory()
    let path = try await DebuggedProgram.states.path()
    let session = try await session(path, try RunningProgram(path).core(in: directory), "continue")
    #expect(session[1].contains("this is a core and cannot be continued"), "\(session.whole)")
  }

  /// The path leads to another build, or nowhere: gdb has to be given what the process has mapped.
  @Test(arguments: [true, false]) func aProgramThatWasReplacedIsServedAsItRuns(isReplaced: Bool) async throws {
    let directory = try TemporaryDirectory()
    let copy = directory.file("program")
    try FileManager.default.copyItem(atPath: try await DebuggedProgram.states.path(), toPath: copy)
    let program = try RunningProgram(copy)
    try FileManager.default.removeItem(atPath: copy)
    if isReplaced { try FileManager.default.copyItem(atPath: "/bin/true", toPath: copy) }
    let connect = try "target remote | \(Package.product("fibertrace")) gdbstub \(program.argument)"
    let session = try await GdbSession.run(.nothing, script: false, connect, choose("fiber 2 ticking"), "bt")
    #expect(session.last.frames.map(\.function).contains("wait_for_tick"), "\(session.whole)")
    #expect(session.last.frames.contains { $0.place?.hasPrefix("states.c:") == true }, "\(session.whole)")
  }

  @Test func aTargetThatIsNotThereIsNamedInGdb() async throws {
    let path = try await DebuggedProgram.states.path()
    let session = try await session(path, "/nowhere/core")
    #expect(session.whole.contains("fibertrace: /nowhere/core: "), "\(session.whole)")
  }
}
