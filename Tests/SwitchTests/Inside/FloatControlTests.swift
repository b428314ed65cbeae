import TestSupport
import Testing

@Suite("Floating-point control")
struct FloatControlTests {
  @Test(
    "of a fiber is kept over suspends and leaves its resumer's alone, where that is asked for",
    arguments: ProgramBuilder.Compiler.allCases)
  func rounding(compiler: ProgramBuilder.Compiler) async throws {
    let builder = try ProgramBuilder()
    let program = try await builder.build(
      ["float_control.c"], named: "float_control", with: compiler, flags: ["-frounding-math", "-lm"])
    let result = try await CommandQueue.run(program)
    #expect(result.succeeded, "\(result.report)")
    #expect(
      result.output == """
        fiber n
        main n
        fiber n
        main n, exceptions kept
        fiber u
        main z
        fiber d
        main z, exceptions kept
        fiber u
        main n
        fiber d
        main n, exceptions kept
        fiber n
        main u

        """)
  }
}
