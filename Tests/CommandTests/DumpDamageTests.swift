import Foundation
import TestSupport
import Testing

/// Damaged processes: everything else is still shown, and the exit code is 1.
@Suite struct DumpDamageTests {
  @Test func garbageOnAStackEndsItsTraceWithAReason() throws {
    let program = try RunningProgram(TestProgram.states.get(), "garbage")
    let result = try fibertrace("dump", program.argument)
    #expect(result.status == 1)
    #expect(result.errors == "fibertrace: 1 stack could not be walked to the end; the dump says where and why\n")
    let text = DumpText(result.output)
    let ticking = text.section("ticking")
    #expect(ticking?.title.contains("suspended") == true)
    #expect(ticking?.lines.last?.contains("the trace ends here: ") == true)
    #expect(ticking?.lines.contains { $0.contains("0x4141414141414141 is not code") } == true)
    #expect(text.functions("thread ").contains("descend"))
    #expect(program.state == "S")
  }

  @Test func aLinkThatFormsACycleEndsTheTrace() throws {
    let program = try RunningProgram(TestProgram.states.get(), "cycle")
    let result = try fibertrace("dump", program.argument)
    #expect(result.status == 1)
    let text = DumpText(result.output)
    #expect(text.section("thread ")?.lines.last?.contains("the trace ends here: a frame seen before follows") == true)
    #expect(text.functions("thread ").count { $0 == "outer_body" } == 1)
    #expect(text.section("inner")?.title.contains("running on thread \(program.id)") == true)
    #expect(text.section("outer")?.title.contains("resuming #5 on thread \(program.id)") == true)
    #expect(text.section("ticking")?.title.contains("suspended") == true)
  }

  @Test func framesPastADamagedLinkAreNobodys() throws {
    let program = try RunningProgram(TestProgram.states.get(), "link")
    let result = try fibertrace("dump", program.argument)
    #expect(result.status == 1)
    let text = DumpText(result.output)
    let lines = text.section("thread ")?.lines ?? []
    #expect(lines.contains { $0.contains("fiber #5 \"inner\" resumed by an unknown stack") })
    #expect(lines.last?.contains("the trace ends here: ") == true)
    #expect(text.section("inner")?.title.contains("running on thread \(program.id)") == true)
    // Its base is in no walk.
    #expect(text.section("outer")?.title.contains("found on none") == true)
  }

  @Test func unwindInformationThatLibdwCrashesOnIsFollowed() throws {
    let program = try RunningProgram(TestProgram.sized.get())
    let result = try fibertrace("dump", program.argument)
    #expect(result.status == 0, "\(result.output)")
    let functions = DumpText(result.output).functions("thread ")
    let frame = try #require(functions.firstIndex(of: "sized"))
    #expect(functions[frame - 1] == "stand" && functions[frame + 1] == "main")
  }

  @Test func aCoreWithoutItsProgramNamesItOnceAndStillShowsTheFibers() throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.copyItem(atPath: TestProgram.states.get(), toPath: directory.file("moved"))
    let core = try RunningProgram(directory.file("moved")).core(in: directory)
    try FileManager.default.moveItem(atPath: directory.file("moved"), toPath: directory.file("elsewhere"))

    let without = try fibertrace("dump", core)
    #expect(without.status == 1)
    #expect(without.errors.split(separator: "\n").count { $0.contains(directory.file("moved")) } == 1)
    let text = DumpText(without.output)
    #expect(text.sections[0].title.contains("6 fibers (2 running, 1 resuming, 1 suspended"))
    #expect(text.functions("ticking").first == "ft_fiber_suspend")

    let with = try fibertrace("dump", core, "--executable", directory.file("elsewhere"))
    #expect(with.status == 0, "\(with.errors)")
    #expect(DumpText(with.output).functions("thread ").contains("outer_body"))
  }

  @Test func aDamagedRecordIsNamed() throws {
    let program = try RunningProgram(TestProgram.states.get(), "record")
    let result = try fibertrace("dump", program.argument)
    #expect(result.status == 1)
    #expect(result.output.contains("0x4141414141414141"))
    #expect(DumpText(result.output).section("inner")?.title.contains("running") == true)
  }

  @Test func aNameCannotDriveATerminal() throws {
    let program = try RunningProgram(TestProgram.states.get(), "escape")
    let result = try fibertrace("dump", program.argument)
    #expect(result.status == 0)
    #expect(result.output.contains(#""\u{1b}]0;owned\u{7}\u{1b}[31m""#))
    #expect(!result.output.utf8.contains(0x1b))
  }

  /// Whoever may write beside a program can put a FIFO where its debug file is looked for, which nobody will write to.
  @Test func aDebugFileThatIsAFIFOIsNotWaitedFor() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("linked")
    let script = """
      objcopy --only-keep-debug \(try TestProgram.states.get()) \(path).debug
      objcopy --strip-debug --remove-section .note.gnu.build-id --add-gnu-debuglink=\(path).debug \
        \(try TestProgram.states.get()) \(path)
      """
    #expect(try run("/bin/sh", ["-ec", script]).status == 0)
    let program = try RunningProgram(path)
    // The link is followed while it leads to a file.
    #expect(try fibertrace("dump", program.argument).output.contains("states.c:"))
    #expect(try run("/bin/sh", ["-ec", "rm \(path).debug; mkfifo \(path).debug"]).status == 0)
    let result = try fibertrace("dump", program.argument)
    #expect(!result.wasSignalled)
    #expect(result.status == 0)
    #expect(result.output.contains("resumed by"))
    #expect(!result.output.contains("states.c:"))
  }

  @Test func aCallThroughANullPointerIsShownWithItsCallerInACore() throws {
    let directory = try TemporaryDirectory()
    // The kernel's own core, where core_pattern leaves it in the working directory; else gdb's.
    let script = """
      gdb -batch -nx -ex run -ex 'generate-core-file \(directory.file("core"))' \
      --args \(try TestProgram.states.get()) crash
      """
    try run("/bin/sh", ["-c", script])
    let result = try fibertrace("dump", directory.file("core"))
    #expect(result.status == 0, "\(result.errors)")
    let text = DumpText(result.output)
    #expect(text.sections.contains { $0.title.hasPrefix("thread") && $0.title.contains("SIGSEGV") })
    #expect(Array(text.functions("thread ").prefix(3)) == ["0x0", "stand", "descend"])
    #expect(text.functions("thread ").contains("main"))
  }
}
