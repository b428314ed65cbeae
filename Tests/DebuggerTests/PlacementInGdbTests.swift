import Foundation
import TestSupport
import Testing

/// Which thread fibers are on, in gdb, where neither a stack pointer nor a link tells.
@Suite struct PlacementInGdbTests {
  /// Compares the states, threads and stacks of `info fibers` with a dump of the core that gdb has saved at the same stop.
  private func expectSame(_ printed: GdbText, as dumped: DumpedFibers) {
    let table = FiberTable(printed)
    #expect(table.column("State") == dumped.fibers.map(\.state), "\(printed)")
    #expect(table.column("Resumed") == dumped.fibers.map { String($0.timesResumed) }, "\(printed)")
    let used = dumped.fibers.map { fiber in
      fiber.stackUsed.map { $0 < 1024 ? "\($0) B" : "\($0 >> 20) MiB" } ?? "-"
    }
    #expect(table.column("Stack") == used.map { "\($0)/1 MiB" }, "\(printed)")
  }

  @Test func aFiberIsPlacedAtEachInstructionOfASwitch() async throws {
    let directory = try TemporaryDirectory()
    let begin = ["set args spin", "break spinning_body", "run", "delete"]
    // A round trip has about 40.
    let cores = (0..<42).map { directory.file("core\($0)") }
    let commands = begin + cores.flatMap { ["info fibers", "gcore \($0)", "stepi"] }
    let session = try await GdbSession.run(
      .program(await DebuggedProgram.states.path()), script: true, seconds: 120, commands: commands)
    try #require(session.answers.count == commands.count, "\(session.whole)")
    var states: Set<String> = []
    for (stop, dumped) in try await DumpedFibers.all(of: cores).enumerated() {
      let printed = session[begin.count + stop * 3]
      expectSame(printed, as: dumped)
      states.insert(FiberTable(printed).rows.last?["State"] ?? "")
    }
    #expect(states == ["running", "suspended", "switching"], "\(session.whole)")
  }

  /// The handler stands on another stack, and the interrupted frames are too many to walk to their base.
  @Test func aFiberIsFoundBelowASignalsHandler() async throws {
    let directory = try TemporaryDirectory()
    let program = try RunningProgram(await DebuggedProgram.states.path(), "handled")
    let session = try await GdbSession.run(
      .process(program.id), script: true, "info fibers", "gcore \(directory.file("core"))")
    expectSame(session[0], as: try await DumpedFibers(of: directory.file("core")))
    #expect(FiberTable(session[0])["5"]?["State"] == "running", "\(session.whole)")
    #expect(FiberTable(session[0])["6"]?["State"] == "resuming", "\(session.whole)")
  }

  /// The dynamic linker maps it; its registry is found by the linker's list.
  @Test func aRegistryInASharedLibraryIsFound() async throws {
    let directory = try TemporaryDirectory()
    let library = directory.file("libother.so")
    let folder = "\(Package.root)/Sources/CFiberAsm"
    let sources = ["fiber_x86_64.S", "personality.c", "registry.c", "records.c"].map { "\(folder)/\($0)" }
    let options = ["-g", "-fPIC", "-shared", "-I\(folder)/include", "-Dmain=library_main", "-o", library]
    let source = "\(Package.root)/Tests/DebuggerTests/Programs/registries.c"
    let built = try await CommandQueue.run("clang", options + [source] + sources)
    try #require(built.succeeded, "\(built.report)")
    let session = try await GdbSession.run(
      .program("/usr/bin/env"), script: true, "set environment LD_PRELOAD \(library)", "set startup-with-shell off",
      "set breakpoint pending on", "break exit", "run", "info fibers", "set var other_registry.magic = 0",
      "info fibers",
      "kill")
    #expect(session[5].lines == ["No fibers."], "\(session.whole)")
    #expect(session[7].lines[0].contains("the fiber registry in \(library) at 0x"), "\(session.whole)")
  }

  /// Where a core lacks the pages of ELF headers, the file that gdb has compared with it says where notes are.
  @Test func aCoreWithoutHeaderPagesIsReadByItsProgram() async throws {
    let directory = try TemporaryDirectory()
    // The program goes once the core is there, since gdb reads what a core lacks of mapped files from these.
    let path = directory.file("states")
    try await FileManager.default.copyItem(atPath: DebuggedProgram.states.path(), toPath: path)
    let program = try RunningProgram(path)
    let core = directory.file("core")
    // 0x23: memory without ELF headers; see core(5).
    let saved = try await GdbSession.run(
      .process(program.id), script: false, "shell echo 0x23 > /proc/\(program.id)/coredump_filter", "gcore \(core)")
    let session = try await GdbSession.run(.core(core, program: path), script: true, "info fibers")
    #expect(FiberTable(session.last).rows.count == 6, "\(saved.whole)\n\(session.whole)")
    try FileManager.default.removeItem(atPath: path)
    let bare = try await GdbSession.run(.core(core, program: nil), script: true, "info fibers", "p $_fiber_count()")
    #expect(
      bare[0].lines == [
        "warning: the program headers of the executable cannot be read: its fibers are not shown; "
          + "give gdb the program (see \"help file\")", "No fibers.",
      ], "\(bare.whole)")
    #expect(bare[1].lines == ["$1 = 0"], "\(bare.whole)")
  }
}
