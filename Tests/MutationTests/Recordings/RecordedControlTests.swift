import CallFrameInfo
import ExecutionRecordings
import Testing

/// Calls are followed wherever control goes.
struct RecordedControlTests {
  /// The calls of functions by these names, in the order in which they were entered.
  private static func calls(_ names: Set<String>, _ recording: Recording, _ program: SampleProgram) throws
    -> [(name: String, call: Activation)]
  {
    let starts = try Dictionary(uniqueKeysWithValues: names.map { (try program.addresses(of: $0).lowerBound, $0) })
    return recording.activations.compactMap { call in starts[call.function].map { ($0, call) } }
  }

  @Test func `a function that is jumped to returns for the one that jumps`() throws {
    let program = try SampleProgram(named: "control gcc -O2")
    let recording = try Recording(running: program.path)
    let found = try Self.calls(["ping", "pong"], recording, program)
    #expect(found.map(\.name).prefix(4) == ["ping", "pong", "ping", "pong"])
    for (first, second) in zip(found.prefix(4), found.prefix(4).dropFirst()) {
      #expect(first.call.cfa == second.call.cfa && first.call.returnAddress == second.call.returnAddress)
      #expect(first.call.preserved != nil && second.call.preserved != nil)
    }
  }

  @Test func `what the library calls back is recorded, and returns to the library`() throws {
    let program = try SampleProgram(named: "control clang -O2")
    let recording = try Recording(running: program.path)
    let found = try Self.calls(["by_hash", "visit", "nothing", "sorting", "counting", "informed"], recording, program)
    // The last two are handlers of signals.
    #expect(Set(found.map(\.name)).count == 6)
    let code = program.elf.segments.filter { $0.kind == .load }.map {
      recording.bias &+ $0.virtualAddress..<recording.bias &+ $0.virtualAddress &+ $0.memorySize
    }
    for (name, call) in found {
      #expect(!code.contains { $0.contains(call.returnAddress) }, "\(name)")
      #expect(call.recoverable == Activation.calleeSaved && call.preserved != nil, "\(name)")
    }
  }

  @Test(arguments: ["exceptions g++ -O0", "exceptions g++ -O2", "objects clang++ -Os"])
  func `calls go on at their landing pads`(_ name: String) throws {
    let program = try SampleProgram(named: name)
    let recording = try Recording(running: program.path)
    let pads = try Set(
      program.table.fdes.flatMap { fde in
        try CallSites(of: fde, cie: program.table.cie(of: fde), in: program.elf)?.sites.compactMap(\.landingPad) ?? []
      })
    let visits = recording.visits.filter { pads.contains($0.pc) }
    #expect(Set(visits.map(\.pc)).count >= 8)
    // With the frame that they had: some of them in parts that lie elsewhere.
    let held = Set(visits.map(\.activation))
    let returned = held.filter { recording.activations[$0].preserved != nil }
    #expect(returned.count >= 4)
    #expect(returned.allSatisfy { recording.activations[$0].recoverable == Activation.calleeSaved })
  }

  @Test func `parts that lie elsewhere belong to the call that jumps to them`() throws {
    let program = try SampleProgram(named: "exceptions g++ -O2")
    let recording = try Recording(running: program.path)
    let elsewhere = recording.visits.filter { visit in
      program.table.fde(at: visit.pc)?.addresses.lowerBound != recording.activations[visit.activation].function
    }
    #expect(elsewhere.count > 30)
  }

  /// The third call runs unrecorded; its part elsewhere finds on top of the stack what a call of another function left there.
  @Test func `a part that is jumped to is not taken for a function that is called`() throws {
    let source = """
      __attribute__((used)) void other(void) {}
      int jumps(void);
      __asm__(".type jumps, @function\\njumps: .cfi_startproc\\ncall other\\nsub $8, %rsp\\n.cfi_def_cfa_offset 16\\njmp part\\n"
              ".cfi_endproc\\n.size jumps, .-jumps\\n"
              "part: .cfi_startproc\\n.cfi_def_cfa_offset 16\\nxor %eax, %eax\\nadd $8, %rsp\\n.cfi_def_cfa_offset 8\\nret\\n"
              ".cfi_endproc\\n");
      int main(void) { return jumps() + jumps() + jumps(); }
      """
    let program = try SampleProgram(source: source, ["gcc", "-O1", "-no-pie"])
    let recording = try Recording(running: program.path, activationsPerFunction: 2)
    #expect(recording.status == 0)
    let names = try recording.activations.map { try program.names(of: [$0.function]) }
    #expect(names == [["main"], ["jumps"], ["other"], ["jumps"], ["other"]])
    #expect(try HeldRows(recording, program.table).misses.isEmpty)
  }

  @Test func `the same program gives the same recording`() throws {
    let program = try SampleProgram(named: "objects g++ -O2")
    let recordings = try (0..<2).map { _ in try Recording(running: program.path) }
    #expect(recordings[0].visits.map(\.pc) == recordings[1].visits.map(\.pc))
    #expect(recordings[0].activations.map(\.cfa) == recordings[1].activations.map(\.cfa))
    #expect(recordings[0].visits.map(\.registers[7]) == recordings[1].visits.map(\.registers[7]))
  }
}
