import TestSupport
import Testing

/// `fibertrace gdbstub` by itself: exit codes, and what becomes of the process.
@Suite struct GdbStubCommandTests {
  /// Runs it with this input.
  private func stub(_ target: String, input: String, before: String = "") throws -> CommandResult {
    try run(
      "/bin/bash",
      ["-c", "\(before) printf '%b' \"$2\" | exec \"$0\" gdbstub \"$1\"", Package.product("fibertrace"), target, input])
  }

  @Test(arguments: ["", "+$?#3f", "+$D;1#b0", "$k#6b", "\\003"]) func aDebuggerThatLeavesIs0(input: String) throws {
    let program = try RunningProgram(TestProgram.states.get())
    let result = try stub(program.argument, input: input)
    #expect(result.status == 0, "\(result.report)")
    #expect(program.state == "S")
  }

  @Test func aConnectionThatEndsInsideAPacketIs1() throws {
    let program = try RunningProgram(TestProgram.states.get())
    let result = try stub(program.argument, input: "+$qSupp")
    #expect(result.status == 1)
    #expect(
      result.errors.hasSuffix("fibertrace: the connection to the debugger broke: it ended inside a packet\n"),
      "\(result.report)")
    #expect(program.state == "S")
  }

  @Test func aDebuggerThatReadsNothingHasLeft() throws {
    let program = try RunningProgram(TestProgram.states.get())
    let result = try run(
      "/bin/bash",
      [
        "-c", "set -o pipefail; printf '$?#3f$?#3f' | \"$0\" gdbstub \"$1\" | true", Package.product("fibertrace"),
        program.argument,
      ])
    #expect(result.status == 0, "\(result.report)")
  }

  @Test func aTargetThatIsNotThereIs2AndWrongUsage64() throws {
    let missing = try stub("999999999", input: "")
    #expect(missing.status == 2)
    #expect(missing.errors.contains("process 999999999: "))
    #expect(try stub("/nowhere/core", input: "").status == 2)
    #expect(try stub("/etc/passwd", input: "").status == 2)
    #expect(try fibertrace("gdbstub", "1", "--sysroot", "/").status == 64)
    #expect(try fibertrace("gdbstub", "").status == 64)
  }

  @Test func aDirectoryWithoutRoomForTheCopyIs1AndNamed() throws {
    let program = try RunningProgram(TestProgram.states.get())
    let result = try stub(program.argument, input: "", before: "export TMPDIR=/nowhere;")
    #expect(result.status == 1)
    #expect(result.errors.contains("/nowhere: ") && result.errors.contains("TMPDIR"), "\(result.report)")
    #expect(program.state == "S")
    // 50 KiB. There is no --only-stacks to a stub.
    let full = try stub(program.argument, input: "", before: "ulimit -f 100;")
    #expect(full.status == 1 && full.errors.contains("TMPDIR") && !full.errors.contains("--"), "\(full.report)")
    #expect(program.state == "S")
  }

  @Test func nothingIsLeftOfTheCopy() throws {
    let directory = try TemporaryDirectory()
    let program = try RunningProgram(TestProgram.states.get())
    let result = try stub(program.argument, input: "+$?#3f", before: "export TMPDIR='\(directory.path)';")
    #expect(result.status == 0)
    #expect(try run("/bin/ls", ["-A", directory.path]).output == "")
  }
}
