import CallFrameInfo
import ExecutionRecordings
import FrameMutation
import Testing

/// What stepping sees is what compilers' rows recover.
struct RecordingTests {
  /// -fomit-frame-pointer is what both compilers do at -O2 anyway.
  static let builds = SampleProgram.builds.filter { !$0.name.hasSuffix("-fomit-frame-pointer") }

  @Test(arguments: builds)
  func `rows of compilers recover what stepping saw, at every instruction of every build`(_ build: SampleBuild) throws {
    let program = try SampleProgram(build)
    let recording = try Recording(running: program.path, notPreserved: program.notPreserved)
    #expect(recording.status == 0 && recording.limit == nil)
    let held = try HeldRows(recording, program.table)
    #expect(held.missing.isEmpty && held.visits == recording.visits.count)
    // GCC's rows of realigned frames find saved registers by way of rbp, and are in force for two more instructions, until `ret`,
    // when rbp is the caller's again.
    let wrong = held.misses.filter { !($0.isBehindFrame && build.command[0] == "gcc") }
    #expect(wrong.isEmpty, "\(wrong.count) of \(held.values): \(wrong.prefix(5).map(\.text))")
    #expect(Set(held.misses.map(\.pc)).count <= 4)

    let part = try VisitedPart(recording, of: program)
    print("\(build.name): \(part), \(held.values) values compared")
    #expect(part.functions >= 25 && part.visits > 1000)
    #expect(part.percent > 50)
  }

  @Test func `there are builds by gcc, clang and swiftc, of a dozen dozen functions and more`() throws {
    #expect(SampleProgram.builds.count >= 60)
    let compilers = Set(SampleProgram.builds.map { $0.command[0] })
    #expect(compilers == ["gcc", "clang", "g++", "clang++", "swiftc"])
  }

  @Test func `calls that return are seen to, with what they preserve`() throws {
    let program = try SampleProgram(named: "frames gcc -O0")
    let recording = try Recording(running: program.path)
    // By longjmp and exit some never return.
    let lost = Set(recording.activations.filter { $0.preserved == nil }.map(\.function))
    #expect(try program.names(of: lost) == ["checked", "finished", "jumps", "main"])
    for activation in recording.activations where activation.preserved != nil {
      #expect(activation.recoverable == Activation.calleeSaved)
    }
  }

  @Test func `all that optimized C leaves by a return preserves what is callee-saved`() throws {
    for name in ["control clang -O2", "control gcc -O2 -fno-omit-frame-pointer", "machine gcc -Os"] {
      let program = try SampleProgram(named: name)
      let recording = try Recording(running: program.path)
      let returned = recording.activations.filter { $0.preserved != nil }
      #expect(returned.count * 10 >= recording.activations.count * 8)
      #expect(returned.allSatisfy { $0.recoverable == Activation.calleeSaved })
    }
  }

  @Test func `a handler that jumps out of a fault ends the call that it interrupted, and no other`() throws {
    let program = try SampleProgram(named: "control gcc -O2 -fno-omit-frame-pointer")
    let recording = try Recording(running: program.path)
    let trapped = try program.addresses(of: "trapped").lowerBound
    let calls = recording.activations.filter { $0.function == trapped }
    #expect(calls.count == 2)
    #expect(calls.allSatisfy { $0.preserved != nil })
  }

  @Test func `a function right behind a call that does not return is entered by it`() throws {
    let source = """
      #include <stdlib.h>
      __attribute__((noreturn)) void ended(int);
      int caller(int n);
      __asm__(".globl caller\\n.type caller, @function\\ncaller: .cfi_startproc\\npush %rbx\\n.cfi_def_cfa_offset 16\\n"
              "call ended\\n.cfi_endproc\\n.size caller, .-caller\\n"
              ".type ended, @function\\nended: .cfi_startproc\\npush %rax\\n.cfi_def_cfa_offset 16\\ncall exit\\n.cfi_endproc\\n"
              ".size ended, .-ended\\n");
      int main(void) { return caller(0); }
      """
    let program = try SampleProgram(source: source, ["gcc", "-O1", "-no-pie"])
    let recording = try Recording(running: program.path)
    #expect(recording.status == 0)
    #expect(
      try recording.activations.map { try program.names(of: [$0.function]) } == [["main"], ["caller"], ["ended"]])
    #expect(try HeldRows(recording, program.table).misses.isEmpty)
  }
}
