import Foundation
import TestSupport
import Testing

/// Fibers that call themselves until they meet the guard of their stack.
@Suite struct DumpOverflowTests {
  private func check(_ result: CommandResult, signal: String, function: String = "overflow") {
    #expect(result.status == 0, "\(result.errors)")
    let text = DumpText(result.output)
    let title = text.sections.first { $0.title.hasPrefix("thread") && $0.title.contains("inner") }?.title ?? ""
    #expect(title.hasSuffix("\(signal), runs fiber #5 \"inner\", whose stack has overflowed"), "\(title)")
    let lines = text.section("inner")?.lines ?? []
    // A call at the low end faults before sp is below it.
    #expect(lines.contains { $0.contains("stack overflowed: ") && $0.contains(" its 1 MiB") }, "\(lines)")
    #expect(text.section("inner")?.title.contains("running on thread ") == true)
    let functions = text.functions("thread ")
    #expect(functions.contains(function) && functions.contains("inner_body") && functions.contains("main"))
  }

  @Test func aCoreNamesTheFiberWhoseStackOverflowed() throws {
    let directory = try TemporaryDirectory()
    try run(
      "/usr/bin/env",
      [
        "gdb", "-batch", "-nx", "-ex", "run", "-ex", "generate-core-file \(directory.file("core"))", "--args",
        TestProgram.states.get(), "overflow",
      ])
    try check(fibertrace("dump", directory.file("core")), signal: ", SIGSEGV")
  }

  @Test(arguments: ["overflow", "leap"]) func theKernelsCoreDoesSoToo(function: String) throws {
    let pattern = try String(contentsOfFile: "/proc/sys/kernel/core_pattern", encoding: .utf8)
    try #require(
      !pattern.hasPrefix("|") && !pattern.hasPrefix("/"),
      "kernel.core_pattern must name a file in the current directory")
    let directory = try TemporaryDirectory()
    try run(
      "/bin/sh", ["-c", "ulimit -c unlimited; exec \(try TestProgram.states.get()) \(function)"],
      directory: directory.path
    )
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasPrefix("core") }
    let name = try #require(names.first, "the kernel wrote no core")
    let result = try fibertrace("dump", directory.file(name))
    check(result, signal: ", SIGSEGV", function: function)
    if function == "leap" { #expect(result.output.contains(/stack overflowed: sp is [0-9.]+ K?i?B below its 1 MiB/)) }
  }

  @Test func aProcessInItsHandlerOnAnotherStackDoesSoToo() throws {
    let program = try RunningProgram(TestProgram.states.get(), "handled")
    try check(fibertrace("dump", program.argument), signal: "thread \(program.id)")
    let directory = try TemporaryDirectory()
    try check(fibertrace("dump", program.core(in: directory)), signal: "thread \(program.id)")
  }
}
