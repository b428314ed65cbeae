import TestSupport
import Testing

@Suite("Walks from inside the process, at calls")
struct InsideWalkTests {
  /// Stacks above, below and mixed; main and a pthread as resumer; three deep; resumed and suspended from several depths;
  /// through either entry point. Each list is compared whole with the program's own record of its calls, and above main with
  /// what the same walker finds there without fibers.
  @Test(
    "Every walker gives exactly the active functions, from running, suspended and not started fibers",
    arguments: SwitchProgram.all)
  func listsAreExact(_ variant: SwitchProgram) async throws {
    let builder = try ProgramBuilder()
    let program = try await variant.build(with: builder)
    let result = try await SwitchProgram.walk(program)
    #expect(result.succeeded, "\(result.report)")
    #expect(SwitchProgram.number("failures", in: result.output) == 0)
    let checks = SwitchProgram.checks(in: result.output)
    for walker in variant.walkers {
      #expect(checks[walker, default: 0] > 1000, "\(walker) was not asked")
    }
  }
}
