internal import Foundation

/// An unwinder that looks at a program from outside, and steps it.
enum OutsideUnwinder: String, CaseIterable, Sendable {
  /// gdb 13, its frame objects at boundaries and the text of its `bt` elsewhere.
  case gdb
  /// libdw through a tracer of our own.
  case libdw

  /// Runs `program`, which `builder` built, and answers what was seen.
  func run(_ program: String, _ arguments: [String], tracer: String) async throws -> OutsideRun {
    let result: CommandResult
    switch self {
    case .gdb:
      let script = ProgramBuilder.programs.appending(path: "outside_gdb.py").path
      result = try await Command.run("gdb", ["-nx", "-batch", "-x", script, "--args", program] + arguments)
    case .libdw:
      result = try await Command.run(tracer, [program] + arguments + ["marks"])
    }
    let run = OutsideRun(output: result.output)
    guard result.succeeded, run.exitStatus == 0 else {
      throw ProgramBuilder.BuildError(description: "\(rawValue) \(program) \(arguments): \(result.report)")
    }
    return run
  }
}

/// One program with fibers three deep, ready to be run with each placement of its stacks.
struct FibersProgram {
  /// The outermost resumer: main, whose stack is the highest, or a thread, whose stack takes part in the placement.
  enum Resumer: String, CaseIterable, Sendable { case main, thread }
  /// Where each fiber's stack lies, seen from its resumer's.
  enum Placement: String, CaseIterable, Sendable { case below, above, mixed }

  let path: String
  let listing: SwitchListing
  let truth: BoundaryTruth
  let compiler: ProgramBuilder.Compiler
  private let tracer: String
  private let builder: ProgramBuilder

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

  /// The functions of the switch that this program executes.
  var executed: [String] {
    SwitchListing.functions.filter { compiler == .gcc || !$0.hasSuffix("_c") }
  }

  /// Boundaries at which the frames found are not the true ones, as `function+offset`, with both lists.
  func wrongSteps(of run: OutsideRun) -> [(boundary: String, report: String)] {
    run.steps.compactMap { step in
      // Behind main, or the thread's function, come libc's own frames.
      let truth = truth.frames(at: step) + ",libc.so.6"
      let boundary = "\(step.function)+\(step.offset)"
      return Self.agree(step.frames, truth) ? nil : (boundary, "\(boundary): \(step.frames) is not \(truth)")
    }
  }

  /// Observations that are not true, with both lists.
  func wrongObservations(of run: OutsideRun) -> [String] {
    run.observations.compactMap { observation in
      let truth = observation.truth + (observation.isFiber ? "" : ",libc.so.6")
      return Self.agree(observation.frames, truth)
        ? nil : "\(observation.subject): \(observation.frames) is not \(truth)"
    }
  }

  /// Lists are equal, name by name.
  ///
  /// The label at the pc of a suspended fiber may stand for its function in the innermost frame: GNU ld leaves that label
  /// global and makes the function local, and libdw then takes the label at exactly this pc.
  private static func agree(_ frames: String, _ truth: String) -> Bool {
    frames == truth
      || truth.hasPrefix("ft_fiber_suspend,")
        && frames == "ft_fiber_suspended" + truth.dropFirst("ft_fiber_suspend".count)
  }
}
