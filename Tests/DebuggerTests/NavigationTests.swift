import TestSupport
import Testing

/// With the script, on Programs/fibers.c: moving among frames.
@Suite struct NavigationTests {
  static let cases = [
    FibersCase(form: FibersForm(compiler: .clang, isRelease: false), view: .process),
    FibersCase(form: FibersForm(compiler: .clang, isRelease: true), view: .core),
    FibersCase(form: FibersForm(compiler: .gcc, isRelease: true), view: .process),
  ]

  /// Runs commands on a process or a core of its own.
  private func session(
    _ fibersCase: FibersCase, _ commands: (FibersTruth) -> [String]
  ) async throws -> GdbSession {
    let directory = try TemporaryDirectory()
    let path = try await fibersCase.form.program.path()
    let program = try RunningProgram(path, until: "ready", coreIn: directory)
    let subject = try fibersCase.view.subject(of: program, path: path, in: directory)
    return try await GdbSession.run(
      subject, script: true, commands: commands(FibersTruth(program.greeting)))
  }

  private func walk(_ word: String, _ count: Int) -> [String] { Array(repeating: word, count: count) }

  @Test("up and down cross the boundary of a fiber that runs, and variables read right on both sides", arguments: cases)
  func acrossABoundary(fibersCase: FibersCase) async throws {
    let truth = try await FibersSession.of(fibersCase)
    let chain = truth.chain("inner", "middle").map(\.function)
    let start = try #require(chain.firstIndex(of: "fiber_body"))
    let end = try #require(chain[start...].firstIndex(of: "inner_step"))
    let session = try await session(fibersCase) { truth in
      ["fiber \(truth["inner"].id)", "frame function fiber_body", "print in_memory"] + walk("up", end - start)
        + ["print in_memory"] + walk("down", end - start) + ["print in_memory"]
    }
    let inner = truth.truth.value(of: "in_memory", in: "fiber_body", of: "inner")
    let middle = truth.truth.value(of: "in_memory", in: "inner_step", of: "middle")
    var expected = ["fiber_body", "$1 = \(inner)"]
    expected += chain[(start + 1)...end]
    expected.append("$2 = \(middle)")
    expected += chain[start..<end].reversed()
    expected.append("$3 = \(inner)")
    #expect(session.functionsAndValues.dropFirst() == expected[...], "\(session.whole)")
  }

  @Test("In a fiber that is suspended, up and down go from where it stands to its end", arguments: cases)
  func inASuspendedFiber(fibersCase: FibersCase) async throws {
    let truth = try await FibersSession.of(fibersCase)
    let frames = truth.suspended("above").map(\.function)
    let session = try await session(fibersCase) { truth in
      ["fiber \(truth["above"].id)"] + walk("up", frames.count) + walk("down", frames.count - 1)
        + ["frame function inner_step", "print in_memory", "print in_memory + 1", "fiber none", "frame"]
    }
    let value = truth.truth.value(of: "in_memory", in: "inner_step", of: "above")
    var expected = frames
    expected.append("Initial frame selected; you cannot go up.")
    expected += frames.dropLast().reversed()
    expected += ["inner_step", "$1 = \(value)", "$2 = \((Int(value) ?? 0) + 1)"]
    #expect(session.functionsAndValues.dropLast(2) == expected[...], "\(session.whole)")
    #expect(session.last.frames.map(\.level) == [0] && !session.last.contains("ft_fiber"), "\(session.whole)")
  }

  @Test("While a fiber is selected on one thread, another shows its own frames", arguments: cases)
  func otherThreads(fibersCase: FibersCase) async throws {
    let session = try await session(fibersCase) { truth in
      ["fiber \(truth["above"].id)", "thread apply all -q bt", "bt"]
    }
    let traces = session[1].traces.map { $0.map(\.frame.function) }
    #expect(traces.count == 2, "\(session.whole)")
    #expect(traces.count { $0.contains("suspend_here") } == 1, "\(session.whole)")
    #expect(traces.count { $0.contains("stand") || $0.contains("stand_on_thread") } == 1, "\(session.whole)")
    #expect(session[2].frames.first?.function == "ft_fiber_suspend", "\(session.whole)")
  }
}

extension GdbSession {
  /// Of each answer the first frame's function, or else its last line.
  fileprivate var functionsAndValues: [String] {
    answers.map { $0.frames.first?.function ?? $0.lines.last ?? "" }
  }
}
