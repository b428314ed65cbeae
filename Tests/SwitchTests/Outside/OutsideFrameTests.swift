import Testing

@Suite("Fibers seen from outside")
struct OutsideFrameTests {
  /// Places in one run where frames are shown: before the first resume; in the innermost of three fibers at its first run,
  /// after its second resume from another depth, and resumed by the root itself; between these; at each fiber's end; and
  /// when all have finished.
  private static let places = 11
  /// Fibers that do not run at these places, summed up: three each of not started, suspended three times and
  /// finished, two and none while others run, and those already finished while the outer ones end.
  private static let idle = 20

  @Test(
    "A running fiber's frames lead through its resumers to main or the thread, and another's end in ft_fiber_not_running",
    arguments: OutsideUnwinder.allCases, ProgramBuilder.Compiler.allCases)
  func framesAreExact(unwinder: OutsideUnwinder, compiler: ProgramBuilder.Compiler) async throws {
    let program = try await FibersProgram(compiler: compiler)
    for resumer in FibersProgram.Resumer.allCases {
      for placement in FibersProgram.Placement.allCases {
        let run = try await program.run(unwinder, resumer, placement)
        #expect(program.wrongObservations(of: run) == [], "\(resumer), stacks \(placement)")
        #expect(run.observations.count { !$0.isFiber } == Self.places)
        #expect(run.observations.count { $0.isFiber } == Self.idle)
      }
    }
  }

  @Test(
    "eu-stack shows a stopped process's fiber, three deep, through to its outermost resumer",
    arguments: ProgramBuilder.Compiler.allCases)
  func systemToolCrossesFibers(compiler: ProgramBuilder.Compiler) async throws {
    let program = try await FibersProgram(compiler: compiler)
    for resumer in FibersProgram.Resumer.allCases {
      for placement in FibersProgram.Placement.allCases {
        let (truth, frames) = try await program.stopped(resumer, placement)
        #expect(truth.count > 20 && frames == truth, "\(resumer), stacks \(placement)")
      }
    }
  }
}
