import Foundation
import TestSupport
import Testing

/// Few descriptors, and standard ones that are closed.
@Suite struct DescriptorTests {
  /// Runs a shell command in which `$0` is fibertrace and `$1` the program's id.
  private func shell(_ command: String, _ program: RunningProgram) throws -> CommandResult {
    try run("/bin/bash", ["-c", command, Package.product("fibertrace"), program.argument])
  }

  /// The first files opened would take their numbers: the second of a static program is a memory file with its vdso, which
  /// would take the dump and hide that it was lost.
  @Test func noFileOfTheTargetTakesTheNumberOfAClosedStream() throws {
    let program = try RunningProgram(TestProgram.staticStates.get())
    let result = try shell("exec \"$0\" dump $1 <&- >&-", program)
    #expect(result.status == 1)
    #expect(result.errors == "fibertrace: standard output: Bad file descriptor\n")
    #expect(try shell("exec \"$0\" dump $1 <&- >&- 2>&-", program).status == 1)
    let quiet = try shell("exec \"$0\" dump $1 2>&-", program)
    #expect(quiet.status == 0)
    #expect(quiet.output.contains("resumed by"))
  }

  @Test func aFullDiskIs1AndNamed() throws {
    let program = try RunningProgram(TestProgram.states.get())
    let result = try shell("exec \"$0\" dump $1 > /dev/full", program)
    #expect(result.status == 1)
    #expect(result.errors == "fibertrace: standard output: No space left on device\n")
  }

  @Test func theSoftLimitOfOpenFilesHidesNothing() throws {
    let directory = try TemporaryDirectory()
    let program = try RunningProgram(TestProgram.modules.get(), directory.path, "200")
    let result = try shell("ulimit -Sn 64; exec \"$0\" dump $1", program)
    #expect(result.status == 0)
    #expect(result.errors == "")
    #expect(result.output.contains("main "))
  }

  /// More modules than files may be open, and no way to open more: the process is shown all the same.
  @Test func theHardLimitOfOpenFilesCostsNamesAlone() throws {
    let directory = try TemporaryDirectory()
    let program = try RunningProgram(TestProgram.modules.get(), directory.path, "200")
    let result = try shell("ulimit -n 64; exec \"$0\" dump $1", program)
    #expect(result.output.hasPrefix("modules, process \(program.id): 1 thread, no fibers; stopped for "))
    #expect(result.output.contains("thread \(program.id)\n   0  "))
    // Modules without frames are nobody's concern; those of the others are named with the remedy.
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count <= 3, "\(result.errors)")
    #expect(lines.allSatisfy { $0.contains("ulimit -n") || $0.contains("could not be walked") }, "\(result.errors)")
    #expect(result.status == (lines.isEmpty ? 0 : 1))
  }
}
