import Testing

@Suite("Variables across the switch, in gdb")
struct OutsideVariablesTests {
  /// Runs the program with variables in registers, built with a switch of the given text, or the package's.
  static func run(_ compiler: ProgramBuilder.Compiler, assembly: String? = nil) async throws -> OutsideRun {
    let builder = try ProgramBuilder()
    let program = try await builder.build(
      ["outside_variables.c"], named: "variables", with: compiler, assembly: assembly)
    return try await OutsideUnwinder.debug(program)
  }

  /// Readings that are neither the true value nor a plain refusal.
  static func wrong(_ run: OutsideRun) -> [OutsideRun.Variable] {
    run.variables.filter { $0.value != $0.truth && $0.value != "<optimized out>" }
  }

  @Test(
    "A caller's variable reads right or optimized out, never wrong, at each boundary and from inside the fiber",
    arguments: ProgramBuilder.Compiler.allCases)
  func neverWrong(compiler: ProgramBuilder.Compiler) async throws {
    let run = try await Self.run(compiler)
    let wrong = Self.wrong(run)
    #expect(wrong.isEmpty, "\(wrong.count) of \(run.variables.count) wrong, first \(String(describing: wrong.first))")
    // From inside the fiber, across its base: what callers saved on their own stack is there to be read.
    let across = run.variables.filter { $0.place == "observe" }
    for function in ["keeps_five", "calls_with_five"] {
      let right = Set(across.filter { $0.function == function && $0.value == $0.truth }.map(\.name))
      #expect(right.count >= 4, "\(function): only \(right.sorted()) can be read")
    }
    #expect(run.boundaries.contains("ft_fiber_resume+0") && run.boundaries.contains("ft_fiber_suspend+0"))
  }
}
