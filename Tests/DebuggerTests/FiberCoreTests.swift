import Foundation
import TestSupport
import Testing

/// gdb without any script, and eu-stack, on cores in which fibers are threads.
@Suite struct FiberCoreTests {
  private static let toMain = ["<signal handler called>", "ft_fiber_resume", "ft_resume", "main"]
  private static let outer = ["ft_fiber_resume", "ft_resume", "outer_body"] + toMain
  private static let inner = ["descend", "descend", "descend", "inner_body", "<signal handler called>"] + outer
  private static let suspended = ["<signal handler called>", "ft_fiber_not_running"]

  /// The frames of each thread in "thread apply all bt", by its LWP, libc's and the system's left out at both ends.
  private static func traces(_ text: GdbText) -> [Int: [GdbFrame]] {
    var traces: [Int: [GdbFrame]] = [:]
    var thread: Int?
    for line in text.lines {
      if let match = line.firstMatch(of: /^Thread [0-9]+ \(.*LWP ([0-9]+)\)/) {
        thread = Int(match.1)
      } else if let thread, let frame = GdbFrame(line) {
        traces[thread, default: []].append(frame)
      }
    }
    return traces
  }

  private func write(_ target: String, _ options: String..., to path: String) async throws {
    let result = try await CommandQueue.run(
      Package.product("fibertrace"), ["core", target, "-o", path] + options)
    #expect(result.succeeded, "\(result.report)")
  }

  /// From the process, from gcore's core of it, and with stacks alone.
  @Test(arguments: ["process", "gcore", "only-stacks"]) func plainGdbShowsEachFiberAsAThread(source: String)
    async throws
  {
    let path = try await DebuggedProgram.states.path()
    let directory = try TemporaryDirectory()
    let program = try RunningProgram(path)
    let target = source == "gcore" ? try program.core(in: directory) : program.argument
    let core = directory.file("fibers")
    if source == "only-stacks" {
      try await write(target, "--only-stacks", to: core)
    } else {
      try await write(target, to: core)
    }
    let session = try await GdbSession.run(
      .core(core, program: path), script: false, "thread apply all bt", "info threads")
    let traces = Self.traces(session[0])
    func functions(_ fiber: Int) -> [String] { (traces[1_000_000_000 + fiber] ?? []).map(\.function) }
    #expect(functions(1) == ["ft_fiber_suspend"] + Self.suspended)
    #expect(functions(2) == ["ft_fiber_suspend", "ft_suspend", "wait_for_tick", "ticking_body"] + Self.suspended)
    #expect(functions(3).isEmpty)
    #expect(
      Array(functions(4).drop { $0 != "threaded_body" }.prefix(5)) == [
        "threaded_body", "<signal handler called>", "ft_fiber_resume", "ft_resume", "thread_main",
      ])
    #expect(Array(functions(5).drop { $0 != "descend" }) == Self.inner)
    #expect(functions(6) == Self.outer)
    // The thread that runs them shows the same.
    #expect(traces[Int(program.id)]?.map(\.function) == functions(5))
    #expect(traces.count == 7, "\(session.whole)")
    #expect(traces[1_000_000_002]?.contains { $0.place?.hasPrefix("states.c:") == true } == true)
  }

  @Test func gdbShowsTheSameOfStacksAlone() async throws {
    let directory = try TemporaryDirectory()
    let path = try Package.product("crowd")
    let program = try RunningProgram(path, "--fibers", "300", "--pause")
    try await write(program.argument, to: directory.file("whole"))
    try await write(program.argument, "--only-stacks", to: directory.file("small"))
    let whole = try await GdbSession.run(
      .core(directory.file("whole"), program: path), script: false, "thread apply all bt")
    let small = try await GdbSession.run(
      .core(directory.file("small"), program: path), script: false, "thread apply all bt")
    #expect(Self.traces(whole.last).count == 298)
    let isSame = whole.last.lines == small.last.lines
    #expect(isSame)
  }

  @Test(arguments: [[], ["--only-stacks"]]) func elfutilsWalksEachFiber(options: [String]) async throws {
    let path = try await DebuggedProgram.states.path()
    let directory = try TemporaryDirectory()
    let program = try RunningProgram(path)
    let core = directory.file("fibers")
    let written = try await CommandQueue.run(
      Package.product("fibertrace"), ["core", program.argument, "-o", core] + options)
    #expect(written.succeeded, "\(written.report)")
    let result = try await CommandQueue.run("eu-stack", ["--core", core])
    #expect(result.succeeded, "\(result.report)")
    var functions: [String: [String]] = [:]
    var thread = ""
    for line in result.lines {
      if line.hasPrefix("TID ") { thread = String(line.dropFirst(4).dropLast()) }
      if let match = line.firstMatch(of: /^#[0-9]+ +0x[0-9a-f]+ (?:- 1 )?([^ @]+)/) {
        functions[thread, default: []].append(String(match.1))
      }
    }
    #expect(functions["1000000001"] == ["ft_fiber_suspend", "ft_fiber_start", "ft_fiber_not_running"])
    #expect(
      functions["1000000002"]
        == ["ft_fiber_suspend", "wait_for_tick", "ticking_body", "ft_fiber_start", "ft_fiber_not_running"])
    #expect(
      functions["1000000006"]?.prefix(5) == [
        "ft_fiber_resume", "outer_body", "ft_fiber_start", "ft_fiber_resume", "main",
      ])
    #expect(functions["1000000005"] == functions[program.argument])
    #expect(functions["1000000005"]?.contains("inner_body") == true)
    #expect(functions["1000000004"]?.contains("thread_main") == true)
  }

  /// Fibers that each resume the next: the outer stacks lie below the inner ones, and the main thread's above all.
  @Test func fibersThreeDeepGoOnWithTheirResumers() async throws {
    let directory = try TemporaryDirectory()
    let path = try await DebuggedProgram(source: "Tests/FiberInspectionTests/Programs/fibers.c").path()
    let program = try RunningProgram(path, "deep", "3")
    try await write(program.argument, to: directory.file("fibers"))
    let session = try await GdbSession.run(
      .core(directory.file("fibers"), program: path), script: false, "thread apply all bt")
    let traces = Self.traces(session.last)
    #expect(traces.count == 7, "\(session.whole)")
    // Three that run or have resumed another reach main across as many boundaries as there are fibers below.
    let boundaries = traces.filter { $0.key > 4_194_304 && $0.value.last?.function == "main" }.mapValues { frames in
      frames.count { $0.function == "<signal handler called>" }
    }
    #expect(boundaries.values.sorted() == [1, 2, 3], "\(session.whole)")
    let suspended = traces.values.filter { $0.last?.function == "ft_fiber_not_running" }
    #expect(suspended.count == 3)
  }

  @Test func registersNobodyKnowsAreNotTakenForVariables() async throws {
    let path = try await DebuggedProgram.states.path()
    let directory = try TemporaryDirectory()
    let program = try RunningProgram(path)
    try await write(program.argument, to: directory.file("fibers"))
    let session = try await GdbSession.run(
      .core(directory.file("fibers"), program: path), script: false,
      "python [t.switch() for t in gdb.selected_inferior().threads() if t.ptid[1] == 1000000006]",
      "frame function outer_body",
      "info registers rbx r12 r13 r14 r15")
    for register in ["rbx", "r12", "r13", "r14", "r15"] {
      #expect(
        session.last.lines.contains { $0.contains(/^\w+ +<not saved>$/) && $0.hasPrefix(register) }, "\(session.whole)")
    }
  }
}
