internal import Foundation
internal import TestSupport
import Testing

private let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/valgrind")

@Suite(
  "valgrind", .enabled(if: isInstalled, "valgrind is not installed: Scripts/install-dependencies --tests"))
struct ValgrindSwitchTests {
  private func run(_ mode: String, flags: [String] = []) async throws -> CommandResult {
    let builder = try ProgramBuilder()
    // valgrind 3.19 cannot read the debug information of newer compilers, and ends.
    let program = try await builder.build(["sanitized.cpp"], named: "watched", with: .clang, flags: ["-g0"] + flags)
    return try await CommandQueue.run("valgrind", ["--quiet", "--error-exitcode=99", program, mode])
  }

  @Test("finds nothing in fibers that nest, throw, jump and use stacks again")
  func clean() async throws {
    let result = try await run("clean")
    #expect(result.succeeded && result.output == "done\n" && result.errors.isEmpty, "\(result.report)")
  }

  @Test("misunderstands stacks that it is not told of")
  func untold() async throws {
    let result = try await run("clean", flags: ["-DUNTOLD"])
    #expect(!result.errors.isEmpty)
  }

  @Test("reports a write behind memory, with the fiber's frames")
  func overflow() async throws {
    let result = try await run("overflow")
    #expect(result.status == 99, "\(result.report)")
    #expect(result.errors.contains("Invalid write of size 1"), "\(result.report)")
    let trace = result.errors.split(separator: "\n").drop { !$0.contains(" at 0x") }.prefix(2)
    #expect(trace.first?.contains(": overflowing_body ") == true, "\(result.report)")
    #expect(trace.last?.contains(": ft_fiber_start ") == true, "\(result.report)")
  }
}
