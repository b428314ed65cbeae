import Testing

@Suite("Tests from outside can fail")
struct OutsideMutantTests {
  /// Boundaries whose frames are wrong in one run of a mutant.
  private func wrongBoundaries(_ mutant: SwitchMutant, _ unwinder: OutsideUnwinder) async throws -> Set<String> {
    let program = try await FibersProgram(compiler: .clang, assembly: try mutant.assembly())
    let run = try await program.run(unwinder, .thread, .mixed)
    return Set(program.wrongSteps(of: run).map(\.boundary))
  }

  @Test(
    "A missing row is noticed at the boundaries it would cover",
    arguments: [
      (SwitchMutant.withoutRowAtJump, "ft_fiber_resume", ["jmp "]),
      (.withoutRowAtReturn, "ft_fiber_suspend", ["ret"]),
      (.withoutRowAtEntry, "ft_fiber_suspend", ["mov    %rbp,-0x10(%rsp)", "lea    -0x10(%rsp),%rbp"]),
    ], OutsideUnwinder.allCases)
  func missingRow(_ damage: (mutant: SwitchMutant, function: String, places: [String]), unwinder: OutsideUnwinder)
    async throws
  {
    let listing = try await FibersProgram(compiler: .clang).listing
    let boundaries = try damage.places.map { place in
      let offset = try listing.offset(in: damage.function, of: place) { $0.contains(place) }
      return "\(damage.function)+\(offset)"
    }
    let wrong = try await wrongBoundaries(damage.mutant, unwinder)
    #expect(wrong == Set(boundaries))
  }

  // Neither is executed or read by the switch itself: only walks through a running fiber's base need them.
  @Test(
    "A resume whose return address has no row, or is not in its place, is noticed in every running fiber",
    arguments: [SwitchMutant.withoutRowAtBack, .withoutReturnAddress], OutsideUnwinder.allCases)
  func returnAddressOfResume(mutant: SwitchMutant, unwinder: OutsideUnwinder) async throws {
    let program = try await FibersProgram(compiler: .clang, assembly: try mutant.assembly())
    let run = try await program.run(unwinder, .thread, .mixed)
    let running = Set(run.observations.filter { $0.truth.contains("ft_fiber_start,ft_fiber_resume") }.map(\.truth))
    let wrong = program.wrongObservations(of: run)
    #expect(!running.isEmpty && running.allSatisfy { truth in wrong.contains { $0.hasSuffix("\(truth),libc.so.6") } })
    #expect(wrong.count < run.observations.count, "the fibers that do not run are still right")
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

  @Test(
    "A register that is shown as the caller's although it was overwritten is noticed",
    arguments: [
      (SwitchMutant.withoutUndefinedRegisters, OutsideVariablesTests.Build.clang),
      (.withoutUndefinedScratch, .clang),
      (.withoutUndefinedBeforeSwitch, .clangPlainEntries),
      (.withoutUndefinedAfterSwitch, .clangPlainEntries),
      (.withoutUndefinedAfterSwitch, .gcc),
    ])
  func registersTakenForPreserved(mutant: SwitchMutant, build: OutsideVariablesTests.Build) async throws {
    let run = try await OutsideVariablesTests.run(build, assembly: try mutant.assembly())
    #expect(!OutsideVariablesTests.wrong(run).isEmpty)
  }
}
