import TestSupport
import Testing

@Suite("Walks from inside the process, at each instruction of the switch")
struct InsideSteppingTests {
  /// Instructions that are never executed.
  ///
  /// In the order of `Disassembly.switchFunctions`: the address that resume stores, a return address only, and the pad before
  /// it; the trap after the last suspend; the end of the chain, which is only ever a return address; what ft_suspend seems to call. The
  /// pad before ft_fiber_start lies before its symbol.
  static let notExecuted = [
    "ft_fiber_resume: nop", "ft_fiber_resume: ud2", "ft_fiber_start: ud2", "ft_fiber_not_running: nop",
    "ft_fiber_not_running: ud2", "ft_suspend_calls: ud2",
  ]

  @Test("Every walker gives exactly the active functions at every instruction", arguments: SwitchProgram.all)
  func listsAreExact(_ variant: SwitchProgram) async throws {
    let builder = try ProgramBuilder()
    let program = try await variant.build(with: builder)
    let disassembly = try await Disassembly(of: program)
    let result = try await SwitchProgram.step(program, disassembly)
    #expect(result.succeeded, "\(result.report)")
    #expect(SwitchProgram.number("failures", in: result.output) == 0)

    let boundaries = try #require(SwitchProgram.number("boundaries", in: result.output))
    let checks = SwitchProgram.checks(in: result.output)
    for walker in variant.walkers {
      #expect(checks[walker] == boundaries, "\(walker) was not asked at every instruction")
    }

    let stepped = Set(
      result.output.split(separator: "\n").filter { $0.hasPrefix("stepped ") }
        .compactMap { UInt64($0.dropFirst("stepped ".count), radix: 16) })
    var left: [String] = []
    var disassembled: Set<UInt64> = []
    for name in Disassembly.switchFunctions {
      let instructions = try disassembly.instructions(of: name)
      disassembled.formUnion(instructions.map(\.address))
      left += instructions.filter { !stepped.contains($0.address) }.map { "\(name): \($0.text)" }
    }
    #expect(left == Self.notExecuted)

    // In each of the three functions that suspend: the three instructions, and the one that a resume leads to.
    let inlined = result.output.split(separator: "\n").filter { $0.hasPrefix("inlined ") }
    let places = (1...3).flatMap { level in [0, 7, 12, 17].map { "inlined in_\(level)+\($0)" } }
    #expect(inlined.map(String.init).sorted() == places.sorted())
    #expect(stepped.isSubset(of: disassembled), "a pc that no disassembler sees")
  }
}
