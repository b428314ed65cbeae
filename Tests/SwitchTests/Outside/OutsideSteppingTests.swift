import Testing

@Suite("The switch stepped from outside")
struct OutsideSteppingTests {
  @Test(
    "At each instruction boundary the whole frame list is exact, and each instruction is reached each time",
    arguments: OutsideUnwinder.allCases, ProgramBuilder.Compiler.allCases)
  func everyBoundaryIsExact(unwinder: OutsideUnwinder, compiler: ProgramBuilder.Compiler) async throws {
    let program = try await FibersProgram(compiler: compiler)
    for resumer in FibersProgram.Resumer.allCases {
      for placement in FibersProgram.Placement.allCases {
        let run = try await program.run(unwinder, resumer, placement)
        let wrong = program.wrongSteps(of: run)
        #expect(
          wrong.isEmpty, "\(resumer), stacks \(placement): \(wrong.count) wrong, first \(wrong.first?.report ?? "")")
        #expect(run.boundaries == program.boundaries, "\(resumer), stacks \(placement)")
        #expect(program.miscounted(of: run) == [], "\(resumer), stacks \(placement)")
      }
    }
  }

  @Test(
    "Each instruction left out of the stepping stands where the list of exclusions says",
    arguments: ProgramBuilder.Compiler.allCases)
  func exclusionsAreReal(compiler: ProgramBuilder.Compiler) async throws {
    let listing = try await FibersProgram(compiler: compiler).listing
    for excluded in SwitchListing.neverExecuted {
      let found = listing.instructions[excluded.function]?.filter { $0.text == excluded.text }
      #expect(found?.count == 1, "\(excluded.function): \(excluded.text), \(excluded.reason)")
    }
    let all = listing.instructions.values.reduce(0) { $0 + $1.count }
    #expect(listing.boundaries(of: SwitchListing.functions).count + SwitchListing.neverExecuted.count == all)
  }
}
