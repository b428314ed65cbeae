import TestSupport
import Testing

/// With the script, on Programs/fibers.c: moving among frames.
@Suite struct NavigationTests {
  static let cases = FibersCase.named.filter { $0.form.isPIE && $0.view != .savedCore }

  /// Runs `commands` on the program, whose fibers have the ids that its truth says.
  private func session(
    _ fibersCase: FibersCase, _ commands: (FibersTruth) -> [String]
  ) async throws -> (GdbSession, FibersTruth) {
    let directory = try TemporaryDirectory()
    let path = try await fibersCase.form.program.path()
    let program = try RunningProgram(path, until: "ready", coreIn: directory)
    let truth = FibersTruth(program.greeting)
    let subject = try fibersCase.view.subject(of: program, path: path, in: directory)
    return (try await GdbSession.run(subject, script: true, commands: commands(truth)), truth)
  }

  @Test("up and down cross the boundary of a fiber that runs, and variables read right on both sides", arguments: cases)
  func acrossABoundary(fibersCase: FibersCase) async throws {
    let (session, truth) = try await session(fibersCase) { truth in
      ["fiber \(truth["inner"].id)", "frame function fiber_body", "print in_memory", "up", "up"]
        + ["frame function resume_here", "up", "up", "print in_memory"]
        + ["down", "down", "frame function ft_fiber_resume", "down", "down", "print in_memory"]
    }
    let functions = session.answers.map { $0.frames.first?.function ?? $0.lines.last ?? "" }
    func local(_ stack: String, _ function: String) -> String? {
      truth[stack].frames.first { $0.function == function }?.locals["in_memory"]
    }
    let inner = try #require(local("inner", "fiber_body"))
    let middle = try #require(local("middle", "inner_step"))
    #expect(
      Array(functions.dropFirst()) == [
        "fiber_body", "$1 = \(inner)", "<signal handler called>", "ft_fiber_resume",
        "resume_here", "keep_registers", "inner_step", "$2 = \(middle)",
        "keep_registers", "resume_here", "ft_fiber_resume", "<signal handler called>", "fiber_body", "$3 = \(inner)",
      ], "\(session.whole)")
  }

  @Test("In a fiber that is suspended, up and down go from where it stands to its end", arguments: cases)
  func inASuspendedFiber(fibersCase: FibersCase) async throws {
    let (session, truth) = try await session(fibersCase) { truth in
      ["fiber \(truth["above"].id)", "frame function suspend_here", "up", "up", "print in_memory", "down", "down"]
        + ["frame function fiber_body", "print in_memory", "print in_register"]
        + ["frame function ft_fiber_not_running", "up", "fiber none", "frame"]
    }
    let functions = session.answers.map { $0.frames.first?.function ?? $0.lines.last ?? "" }
    let frames = truth["above"].frames
    let inner = try #require(frames.first { $0.function == "inner_step" }?.locals["in_memory"])
    let body = try #require(frames.first { $0.function == "fiber_body" }?.locals["in_memory"])
    let inRegister = try #require(frames.first { $0.function == "fiber_body" }?.locals["in_register"])
    #expect(
      functions.prefix(9) == [
        "ft_fiber_suspend", "suspend_here", "keep_registers", "inner_step", "$1 = \(inner)",
        "keep_registers", "suspend_here", "fiber_body", "$2 = \(body)",
      ], "\(session.whole)")
    #expect(
      functions[9] == "$3 = \(inRegister)" || (fibersCase.form.isRelease && functions[9] == "$3 = <optimized out>"))
    #expect(functions[10] == "ft_fiber_not_running")
    #expect(functions[11] == "Initial frame selected; you can't go up.")
    #expect(session[13].frames.map(\.level) == [0])
    #expect(!session[13].contains("ft_fiber"), "\(session.whole)")
  }

  @Test("While a fiber is selected on one thread, another shows its own frames", arguments: cases)
  func otherThreads(fibersCase: FibersCase) async throws {
    let (session, _) = try await session(fibersCase) { truth in
      ["fiber \(truth["above"].id)", "thread apply all -q bt", "bt"]
    }
    let traces = session[1].traces
    #expect(traces.count == 2, "\(session.whole)")
    #expect(traces.contains { $0.contains { $0.frame.function == "suspend_here" } }, "\(session.whole)")
    let stands = ["stand", "stand_on_thread"]
    #expect(traces.contains { $0.contains { stands.contains($0.frame.function) } }, "\(session.whole)")
    #expect(session[2].frames.first?.function == "ft_fiber_suspend", "\(session.whole)")
  }
}
