import TestSupport
import Testing

/// The section .debug_gdb_scripts of programs with fibers. Scripts/check-install shows that gdb runs what it names.
@Suite struct AutoLoadTests {
  private static let script = "/usr/share/gdb/auto-load/fibertrace.py"

  /// Whether gdb finds the script's name in a program.
  private func isNamed(in program: String) async throws -> Bool {
    // Nothing is run: no directory is trusted.
    let session = try await GdbSession.run(
      .program(program), script: false, autoLoads: true, settings: ["set auto-load safe-path /nowhere"],
      "info auto-load python-scripts fibertrace")
    return session.last.contains(" \(Self.script)")
  }

  @Test("Debug and release builds in Swift name the script, also when they are stripped", arguments: [false, true])
  func swiftPrograms(isRelease: Bool) async throws {
    let program = try isRelease ? Package.release("nested") : Package.product("nested")
    #expect(try await isNamed(in: program))
    let directory = try TemporaryDirectory()
    let stripped = try await CommandQueue.run("strip", ["-o", directory.file("stripped"), program])
    #expect(stripped.succeeded, "\(stripped.report)")
    #expect(try await isNamed(in: directory.file("stripped")))
  }

  @Test(
    "No linker drops the name as unused",
    arguments: ["bfd", "gold", "lld"], [["-O2", "-s"], ["-O2", "-static", "-s"]])
  func linkers(linker: String, options: [String]) async throws {
    var program = DebuggedProgram(source: "Tests/DebuggerTests/Programs/ending.c")
    program.options = options + ["-fuse-ld=\(linker)", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"]
    #expect(try await isNamed(in: program.path()))
  }

  @Test("A program may be built without the name")
  func withoutTheName() async throws {
    var program = DebuggedProgram(source: "Tests/DebuggerTests/Programs/ending.c")
    program.options.append("-DFT_NO_GDB_SCRIPT")
    #expect(try await !isNamed(in: program.path()))
  }
}
