import TestSupport
import Testing

/// The table of `info fibers`, held against what `fibertrace dump` says.
@Suite struct InfoFibersTests {
  /// What each row has to say of the program of all states.
  private static let frames = [
    "created by main at states.c:147", "wait_for_tick at states.c:118", "created by main at states.c:150",
  ]

  private func expectSame(_ table: FiberTable, _ dumped: DumpedFibers, _ session: GdbSession) {
    #expect(table.rows.count == dumped.fibers.count, "\(session.whole)")
    for (row, fiber) in zip(table.rows, dumped.fibers) {
      #expect(row["Id"] == "\(fiber.id)")
      #expect(row["Name"] == fiber.name ?? "", "\(row)")
      #expect(row["State"] == fiber.state, "\(row)")
      #expect(row["Waiting"] == fiber.waitReason ?? "", "\(row)")
      #expect(row["Resumed"] == "\(fiber.timesResumed)", "\(row)")
      // All that these programs use of a stack is less than a KiB.
      let used = fiber.stackUsed.map { "\($0) B" } ?? "-"
      #expect(row["Stack"] == "\(used)/\(fiber.stackSize >> 20) MiB", "\(row)")
      #expect(row["Thread"].isEmpty == !["running", "resuming"].contains(fiber.state), "\(row)")
    }
  }

  private static let forms: [[String]] = [
    ["-O1"], ["-O0"], ["-O2", "-no-pie"], ["-O1", "-static"], ["-O1", "-fomit-frame-pointer"],
  ]

  @Test(arguments: forms) func showsWhatADumpShows(_ options: [String]) async throws {
    var form = DebuggedProgram.states
    form.options = options + ["-Wno-infinite-recursion"]
    let program = try RunningProgram(await form.path())
    let dumped = try await DumpedFibers(of: program.argument)
    let session = try await GdbSession.run(.process(program.id), script: true, "info fibers")
    let table = FiberTable(session.last)
    expectSame(table, dumped, session)
    #expect(table.column("Frame").prefix(3) == Self.frames[...], "\(session.last)")
    #expect(table["6"]?["Frame"] == "outer_body at states.c:113", "\(session.last)")
    #expect(
      table.total == "6 fibers: 2 running, 1 resuming, 1 suspended, 1 not started, 1 finished.", "\(session.last)")
  }

  @Test func showsACoreAsItsProcess() async throws {
    let directory = try TemporaryDirectory()
    let path = try await DebuggedProgram.states.path()
    let program = try RunningProgram(path)
    let core = try program.core(in: directory)
    let live = try await GdbSession.run(.process(program.id), script: true, "info fibers")
    let session = try await GdbSession.run(.core(core, program: path), script: true, "info fibers")
    try await expectSame(FiberTable(session.last), DumpedFibers(of: core), session)
    // gcore does not say which thread was first.
    #expect(FiberTable(session.last).column("Frame") == FiberTable(live.last).column("Frame"), "\(session.whole)")
  }

  /// gdb then walks by guesses, of which none is shown: the innermost callers are known by the layout of stacks.
  @Test func aCoreWithoutItsProgramShowsAddressesOfCallersInTheProgram() async throws {
    let directory = try TemporaryDirectory()
    let path = try await DebuggedProgram.states.path()
    let program = try RunningProgram(path)
    let core = try program.core(in: directory)
    let withProgram = try await GdbSession.run(
      .core(core, program: path), script: true, "fiber 2", "up 2", "p/x $pc", "fiber 6", "up 2", "p/x $pc")
    let session = try await GdbSession.run(.core(core, program: nil), script: true, "info fibers")
    let table = FiberTable(session.last)
    try await expectSame(table, DumpedFibers(of: core), session)
    for (id, answer) in [("2", 2), ("6", 5)] {
      let pc = try #require(withProgram[answer].lines.last?.split(separator: " ").last)
      let digits = String(repeating: "0", count: 18 - pc.count) + pc.dropFirst(2)
      #expect(table[id]?["Frame"] == "0x\(digits) in ??", "\(withProgram.whole)\n\(session.last)")
    }
  }

  @Test func aStrippedProgramHasAllButNames() async throws {
    let directory = try TemporaryDirectory()
    let stripped = directory.file("stripped")
    _ = try await CommandQueue.run("strip", ["-o", stripped, DebuggedProgram.states.path()])
    let program = try RunningProgram(stripped)
    let dumped = try await DumpedFibers(of: program.argument)
    let session = try await GdbSession.run(.process(program.id), script: true, "info fibers")
    let table = FiberTable(session.last)
    expectSame(table, dumped, session)
    #expect(table["2"]?["Frame"].wholeMatch(of: /0x[0-9a-f]{16} in \?\?/) != nil, "\(session.last)")
  }

  @Test func anAsteriskIndicatesTheSelectedFiber() async throws {
    let program = try RunningProgram(await DebuggedProgram.states.path())
    let session = try await GdbSession.run(
      .process(program.id), script: true, "info fibers", "fiber 2", "info fibers", "fiber 6", "info fibers",
      "fiber none", "thread 1", "frame function main", "info fibers")
    let selected = [0, 2, 4, 8].map { FiberTable(session[$0]).rows.filter(\.isSelected).map { $0["Id"] } }
    #expect(selected == [["5"], ["2"], ["6"], []], "\(session.whole)")
  }

  @Test func theAsteriskStaysWhenTheUserWritesMemory() async throws {
    let answers = try await StoppedProgram().answers("fiber 8", "set var sum = sum", "info fibers", "fiber")
    #expect(FiberTable(answers[2]).rows.filter(\.isSelected).map { $0["Id"] } == ["8"], "\(answers.text)")
    #expect(answers[3].contains("above"), "\(answers.text)")
  }

  @Test func optionsChooseFibersByStateAndName() async throws {
    let program = try RunningProgram(await DebuggedProgram.states.path())
    let session = try await GdbSession.run(
      .process(program.id), script: true, "info fibers -state running", "info fibers -state not-started,fin",
      "info fibers -state running -state susp", "info fibers -name ^.n", "info fibers -name er$ -state running",
      "info fibers -name nobody")
    #expect(
      session.answers.map { FiberTable($0).column("Id") } == [
        ["4", "5"], ["1", "3"], ["2", "4", "5"], ["3", "4", "5"], ["5"], [],
      ],
      "\(session.whole)")
    #expect(FiberTable(session[0]).total.hasSuffix("1 finished; 2 shown."), "\(session[0])")
    #expect(session.last.lines.last?.hasSuffix("; none matches.") == true, "\(session.last)")
  }

  @Test func wrongOptionsAreOneLine() async throws {
    let program = try RunningProgram(await DebuggedProgram.states.path())
    let session = try await GdbSession.run(
      .process(program.id), script: true, "info fibers -state asleep", "info fibers -state s", "info fibers -name (",
      "info fibers -state", "info fibers 3")
    let expected = [
      "Undefined state asleep: one of running, ", "Ambiguous state s: one of running, ", "Invalid regexp: ",
      "-state requires an argument", "Invalid argument: 3 (see \"help info fibers\")",
    ]
    for (answer, start) in zip(session.answers, expected) {
      #expect(answer.lines.count == 1 && answer.lines[0].hasPrefix(start), "\(answer)")
    }
  }

  @Test func aSentenceSaysThatThereAreNone() async throws {
    let nothing = try await GdbSession.run(.nothing, script: true, "info fibers", "fiber find 0", "p $_fiber()")
    #expect(nothing[0].lines == ["The program is not being run."])
    #expect(nothing[1].lines == ["The program is not being run."])
    #expect(nothing[2].lines == ["$1 = 0"])
    let path = try await DebuggedProgram.states.path()
    // Before its first instruction the registry is there, and empty.
    let early = try await GdbSession.run(.program(path), script: true, "starti", "info fibers", "kill")
    #expect(early[1].lines == ["No fibers."], "\(early.whole)")
    let other = try await GdbSession.run(.program("/usr/bin/true"), script: true, "starti", "info fibers", "kill")
    #expect(other[1].lines == ["No fibers: the program has no FiberTrace registry."], "\(other.whole)")
  }

  @Test func linesAreNoLongerThanTheTerminal() async throws {
    let program = try RunningProgram(Package.product("nested"), "--pause")
    let session = try await GdbSession.run(
      .process(program.id), script: true, "set width 110", "info fibers", "set width 0", "info fibers")
    #expect(session[1].lines.allSatisfy { $0.count < 110 }, "\(session[1])")
    #expect(FiberTable(session[1]).column("Id") == ["1", "2", "3"], "\(session[1])")
    #expect(FiberTable(session[3])["2"]?["Frame"] == "nested.runMiddle at Levels.swift:32", "\(session[3])")
  }

  @Test func eachOfSeveralInferiorsHasItsOwn() async throws {
    let first = try RunningProgram(await DebuggedProgram.states.path())
    let second = try RunningProgram(Package.product("nested"), "--pause")
    let session = try await GdbSession.run(
      .process(first.id), script: true, "add-inferior -no-connection", "inferior 2", "attach \(second.id)",
      "info fibers", "inferior 1",
      "info fibers", "kill inferiors 2", "info fibers")
    #expect(FiberTable(session[3]).column("Name") == ["outer", "middle", "inner"], "\(session.whole)")
    #expect(FiberTable(session[3]).column("Thread") == ["2.1", "2.1", "2.1"], "\(session.whole)")
    #expect(FiberTable(session[5]).rows.count == 6, "\(session.whole)")
    #expect(FiberTable(session[7]).rows.count == 6, "\(session.whole)")
  }
}
