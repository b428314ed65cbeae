import TestSupport
import Testing

@Suite("libunwind's fast path")
struct FastPathTests {
  /// The slow path calls `unw_step` for each frame; the fast path never does once it knows the pcs. In a debugger, a
  /// breakpoint on it tells them apart.
  @Test("A backtrace through two base frames stays on the fast path")
  func fastPathIsKept() async throws {
    let builder = try ProgramBuilder()
    let program = try await builder.build(
      ["inside_fast_path.c"], named: "inside_fast_path", with: .clang, flags: ["-lunwind"])
    let measured = try await firstStop(of: program, from: "measure_begin", to: "measure_end")
    #expect(measured.hasPrefix("#0  measure_end"), "\(measured)")
    let control = try await firstStop(of: program, from: "control_begin", to: "control_end")
    #expect(control.contains("in _ULx86_64_step"), "the breakpoint would not notice the slow path: \(control)")
  }

  /// Where the program stops first after `begin`: at a call of `unw_step`, or at `end`.
  private func firstStop(of program: String, from begin: String, to end: String) async throws -> String {
    let commands = [
      "set debuginfod enabled off", "break \(begin)", "run", "break _ULx86_64_step", "break \(end)", "continue",
      "echo stopped:\\n", "frame",
    ]
    let result = try await CommandQueue.run(
      "gdb", ["-q", "-nx", "-batch"] + commands.flatMap { ["-ex", $0] } + [program])
    let parts = result.output.split(separator: "stopped:\n")
    try #require(parts.count == 2, "\(result.report)")
    return String(parts[1])
  }
}
