import TestSupport
import Testing

/// What the commands say where there is nothing to show, or something damaged: a line each, and never a traceback, which
/// `GdbSession` refuses.
@Suite struct HarmTests {
  private static let commands = [
    "info fibers", "fiber", "fiber 2", "fiber none", "fiber apply 2 bt", "fiber apply all bt",
    "fiber apply all -unique bt",
    "fiber find 0x10", "print $_fiber()", "print $_fiber_count()", "print $_fiber_of(16)",
  ]

  private func expectOneLine(_ session: GdbSession, sourceLocation: SourceLocation = #_sourceLocation) {
    for (command, answer) in zip(Self.commands, session.answers) {
      #expect(answer.lines.count <= 1, "\(command): \(answer)", sourceLocation: sourceLocation)
    }
    #expect(session.answers.count == Self.commands.count, "\(session.whole)", sourceLocation: sourceLocation)
    #expect(session[2].lines.count == 1, "\(session[2])", sourceLocation: sourceLocation)
  }

  @Test("Without a process, and without fibers in it, each command says so in a line at most")
  func nothingToShow() async throws {
    expectOneLine(try await GdbSession.run(.nothing, script: true, commands: Self.commands))
    let program = try await DebuggedProgram.states.path()
    expectOneLine(try await GdbSession.run(.program(program), script: true, commands: Self.commands))
    let sleeping = try RunningProgram("/bin/sh", "-c", "echo; exec sleep 100")
    expectOneLine(try await GdbSession.run(.process(sleeping.id), script: true, commands: Self.commands))
  }

  @Test("A process whose program and symbols gdb has forgotten has its fibers still")
  func forgottenProgram() async throws {
    let program = try RunningProgram(await DebuggedProgram.states.path())
    let session = try await GdbSession.run(
      .process(program.id), script: true, commands: ["file", "symbol-file", "nosharedlibrary"] + Self.commands)
    #expect(session[3].contains("6 fibers: "), "\(session.whole)")
    #expect(session[12].lines == ["$2 = 6"], "\(session.whole)")
  }

  @Test("A fiber that ends, and one that gets its record, are told from the one that was selected")
  func endBetweenTwoCommands() async throws {
    let program = DebuggedProgram(source: "Tests/DebuggerTests/Programs/ending.c", options: ["-O0", "-Wextra"])
    let breakpoints = ["suspended_stop", "finished_stop", "gone_stop", "replaced_stop"].map { "break \($0)" }
    let session = try await GdbSession.run(
      .program(try await program.path()), script: true,
      commands: breakpoints + [
        "run", "fiber 1", "bt", "continue", "bt", "fiber", "fiber 1", "fiber apply 1 bt", "continue", "fiber 1",
        "info fibers",
        "continue", "fiber 1", "fiber 2", "continue", "fiber 2", "fiber",
      ])
    let answers = Array(session.answers.dropFirst(breakpoints.count))
    #expect(answers[1].frames.map(\.function) == ["ft_fiber_suspend"], "\(session.whole)")
    let walked = [
      "ft_fiber_suspend", "ft_suspend", "short_body", "── fiber 1 \"short\": suspended, resumed by nobody ──",
    ]
    #expect(answers[2].frames.map(\.function) == walked, "\(session.whole)")
    // To continue ends the selection.
    #expect(answers[4].frames.map(\.function) == ["finished_stop", "main"], "\(session.whole)")
    #expect(answers[5].lines == ["No fiber selected."], "\(session.whole)")
    #expect(answers[6].lines == ["fiber 1 \"short\" is finished: it has no frames."], "\(session.whole)")
    #expect(answers[7].lines.count { !$0.hasPrefix("Fiber 1 ") } == 1, "\(session.whole)")
    #expect(answers[9].lines == ["Unknown fiber 1."], "\(session.whole)")
    #expect(answers[10].lines == ["No fibers."], "\(session.whole)")
    // The record is another fiber's now.
    #expect(answers[12].lines == ["Unknown fiber 1."], "\(session.whole)")
    #expect(answers[13].contains("fiber 2 \"other\""), "\(session.whole)")
    #expect(answers[14].lines.last?.hasSuffix("exited normally]") == true, "\(session.whole)")
    #expect(answers[15].lines == ["The program is not being run."], "\(session.whole)")
    #expect(answers[16].lines == ["No fiber selected."], "\(session.whole)")
  }

  @Test("Of a fiber whose stack the core lacks a line says so, and no frame is made up")
  func coreWithoutStacks() async throws {
    let directory = try TemporaryDirectory()
    let path = try await FibersForm(compiler: .clang, isRelease: true).program.path()
    let program = try RunningProgram(path, arguments: ["absent"], until: "ready", coreIn: directory)
    let core = try program.leaveCore()
    let session = try await GdbSession.run(
      .core(core, program: path), script: true, "info fibers", "fiber 2", "fiber 1", "fiber 4", "fiber 7",
      "fiber apply 3 bt", "print $_fiber_count()", "fiber apply all bt 1", "fiber apply all -c bt 1")
    #expect(session[0].contains("8 fibers: "), "\(session.whole)")
    for command in 1...5 {
      #expect(session[command].lines.count { !$0.hasPrefix("Fiber 3 ") } == 1, "\(session.whole)")
      #expect(session[command].frames.isEmpty, "\(session.whole)")
    }
    #expect(session[1].contains("fiber 2 \"above\": its stack is not in the core"), "\(session.whole)")
    #expect(session[6].lines == ["$1 = 8"], "\(session.whole)")
    // Those behind one that cannot be shown have their turn, and the last line says how many cannot.
    let isNotShown = { (line: String) in line.contains("its stack is not in the core") || line.contains("is not found:")
    }
    let missing = session[7].lines.count(where: isNotShown)
    #expect(missing > 1)
    #expect(session[7].lines.last == "\(missing) fibers could not be shown.", "\(session.whole)")
    #expect(session[8].lines.count(where: isNotShown) == missing)
    #expect(session[8].lines.last?.contains("could not be shown") == false, "\(session.whole)")
  }
}
