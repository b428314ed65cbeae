import Testing

@Suite("Tests from outside can fail")
struct OutsideMutantTests {
  /// Boundaries whose frames are wrong in one run of a mutant.
  private func wrongBoundaries(_ mutant: SwitchMutant, _ unwinder: OutsideUnwinder) async throws -> Set<String> {
    let program = try await FibersProgram(compiler: .clang, assembly: try mutant.assembly())
    let run = try await program.run(unwinder, .thread, .mixed)
    return Set(program.wrongSteps(of: run).map(\.boundary))
  }

  @Test("A missing row is noticed at the one boundary it would cover", arguments: OutsideUnwinder.allCases)
  func missingRow(unwinder: OutsideUnwinder) async throws {
    let listing = try await FibersProgram(compiler: .clang).listing
    let last = try #require(listing.instructions["ft_fiber_resume"]?.last)
    let wrong = try await wrongBoundaries(.withoutRowAfterPop, unwinder)
    #expect(wrong == ["ft_fiber_resume+\(last.offset)"])
  }

  @Test(
    "Two instructions in the wrong order are noticed at the one boundary between them",
    arguments: [SwitchMutant.linksAfterSwitch, .unlinksBeforeSwitch], OutsideUnwinder.allCases)
  func wrongOrder(mutant: SwitchMutant, unwinder: OutsideUnwinder) async throws {
    let wrong = try await wrongBoundaries(mutant, unwinder)
    let function = mutant == .linksAfterSwitch ? "ft_fiber_resume" : "ft_fiber_suspend"
    #expect(wrong.count == 1 && wrong.allSatisfy { $0.hasPrefix("\(function)+") }, "\(wrong)")
  }

  @Test("A base frame that is no signal frame is noticed where the resumer's stack is the lower one")
  func ordinaryBaseFrame() async throws {
    #expect(try await !wrongBoundaries(.withoutSignalFrame, .gdb).isEmpty)
  }

  // libdw also ends at the zero that the end record holds for a return address; gdb shows a frame at 0.
  @Test("A frame behind ft_fiber_not_running is noticed")
  func endlessChain() async throws {
    let program = try await FibersProgram(compiler: .clang, assembly: try SwitchMutant.withoutEnd.assembly())
    let run = try await program.run(.gdb, .main, .below)
    let wrong = program.wrongObservations(of: run)
    #expect(wrong.count == run.observations.count { $0.isFiber }, "\(wrong.first ?? "none")")
  }

  @Test("Registers of the fiber shown as the resumer's are noticed")
  func registersTakenForPreserved() async throws {
    let run = try await OutsideVariablesTests.run(
      .clang, assembly: try SwitchMutant.withoutUndefinedRegisters.assembly())
    #expect(!OutsideVariablesTests.wrong(run).isEmpty)
  }
}
