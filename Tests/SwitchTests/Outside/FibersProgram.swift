import TestSupport

/// `outside_fibers.c`, fibers three deep, ready to be run with each placement of its stacks.
struct FibersProgram {
  /// The outermost resumer: main, whose stack is the highest; a thread, whose stack takes part in the placement; or main
  /// for the first half and the thread for the second.
  enum Resumer: String, CaseIterable, Sendable { case main, thread, moved }
  /// Where each fiber's stack lies, seen from its resumer's.
  enum Placement: String, CaseIterable, Sendable { case below, above, mixed }

  /// How often one run executes each function: three fibers are made and finished; two of them are resumed three times and
  /// the third four times; three of the suspends are the last, from `ft_fiber_start`. gcc resumes through the plain C entry
  /// point, and the third fiber suspends so.
  private var executions: [String: Int] {
    let always = ["ft_fiber_init": 3, "ft_fiber_start": 3, "ft_fiber_resume": 10, "ft_shadow_stack_enabled": 1]
    let others =
      switch compiler {
      case .clang: ["ft_fiber_suspend": 10, "ft_suspend": 7]
      case .gcc:
        [
          "ft_fiber_suspend": 7, "ft_suspend": 4, "ft_fiber_resume_c": 10, "ft_fiber_suspend_c": 3,
          "ft_fiber_suspend_called": 3,
        ]
      }
    return always.merging(others) { $1 }
  }

  let listing: SwitchListing
  private let compiler: ProgramBuilder.Compiler
  private let builder: ProgramBuilder
  private let path: String
  private let tracer: String
  private let truth: BoundaryTruth

  /// Builds the program, and the tracer, with the package's switch or one of the given text.
  init(compiler: ProgramBuilder.Compiler, assembly: String? = nil) async throws {
    self.compiler = compiler
    builder = try ProgramBuilder()
    path = try await builder.build(["outside_fibers.c"], named: "fibers", with: compiler, assembly: assembly)
    tracer = try await builder.buildTool("outside_libdw.c", named: "outside_libdw", libraries: ["dw"])
    listing = try await SwitchListing(program: path)
    truth = try BoundaryTruth(listing)
  }

  func run(_ unwinder: OutsideUnwinder, _ resumer: Resumer, _ placement: Placement) async throws -> OutsideRun {
    try await unwinder.run(path, [resumer.rawValue, placement.rawValue], tracer: tracer)
  }

  /// Frames of the innermost fiber of a process stopped there, as the program and as `eu-stack` tell them, innermost first.
  ///
  /// The second list ends where the first does, or early.
  func stopped(_ resumer: Resumer, _ placement: Placement) async throws -> (truth: [String], frames: [String]) {
    // The program's own line comes before eu-stack's: it is flushed before the stop that eu-stack waits for. eu-stack's status
    // says nothing of this thread: main may have been stopped in libc's clone3, which has instructions without CFI.
    let script = """
      "$@" stop & pid=$!
      until [ "$(cut -d' ' -f3 /proc/$pid/stat)" = T ]; do sleep 0.02; done
      eu-stack -p $pid
      kill -KILL $pid
      """
    let result = try await CommandQueue.run("sh", ["-c", script, "sh", path, resumer.rawValue, placement.rawValue])
    guard result.succeeded else { throw OutsideUnwinder.RunError(description: "eu-stack, \(path): \(result.report)") }
    let lines = result.output.split(separator: "\n")
    let truth = lines.first?.split(separator: ",").map(String.init) ?? []
    // "#2  0x000056228c330fdf c_deep"
    let frames = lines.filter { $0.hasPrefix("#") }.map { $0.split(separator: " ").last.map(String.init) ?? "" }
    return (truth, Array(frames.drop { $0 != truth.first }.prefix(truth.count)))
  }

  /// The boundaries of a function of the switch, or of ft_suspend wherever it is inlined, as `function+offset`.
  private func boundaries(of function: String) -> Set<String> {
    function == "ft_suspend"
      ? Set(SwitchListing.inlined.map { "ft_suspend+\($0)" }) : listing.boundaries(of: [function])
  }

  /// All boundaries that one run must reach, as `function+offset`.
  var boundaries: Set<String> { executions.keys.reduce(into: []) { $0.formUnion(boundaries(of: $1)) } }

  /// Boundaries that `run` reached more or less often than the program executes their function.
  func miscounted(of run: OutsideRun) -> [String] {
    var counts: [String: Int] = [:]
    for step in run.steps { counts["\(step.function)+\(step.offset)", default: 0] += 1 }
    return executions.flatMap { function, count in boundaries(of: function).filter { counts[$0] != count } }
  }

  /// Boundaries at which the frames found are not the true ones, as `function+offset`, with both lists.
  func wrongSteps(of run: OutsideRun) -> [(boundary: String, report: String)] {
    run.steps.compactMap { step in
      // Behind main, or the thread's function, come libc's own frames.
      let truth = truth.frames(at: step) + ",libc.so.6"
      let boundary = "\(step.function)+\(step.offset)"
      return step.frames == truth ? nil : (boundary, "\(boundary): \(step.frames) is not \(truth)")
    }
  }

  /// Observations that are not true, with both lists.
  func wrongObservations(of run: OutsideRun) -> [String] {
    run.observations.compactMap { observation in
      let truth = observation.truth + (observation.isFiber ? "" : ",libc.so.6")
      return observation.frames == truth
        ? nil : "\(observation.subject): \(observation.frames) is not \(truth)"
    }
  }
}
