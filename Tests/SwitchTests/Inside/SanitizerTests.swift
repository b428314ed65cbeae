internal import Foundation
internal import TestSupport
import Testing

/// A sanitizer, and what clang wants to link its runtime.
enum SanitizerKind: String, CaseIterable, Sendable {
  case address, thread

  func flags() throws -> [String] {
    let flags = ["-fsanitize=\(rawValue)", "-fuse-ld=lld"]
    guard self == .thread else { return flags }
    // The toolchain's ThreadSanitizer refers to libdispatch.
    let libraries = try ProgramBuilder.toolchain().appending(path: "lib/swift/linux").path
    return flags + ["-L\(libraries)", "-ldispatch", "-lBlocksRuntime", "-Wl,-rpath,\(libraries)"]
  }
}

@Suite("Sanitizers")
struct SanitizerTests {
  private func run(_ mode: String, with sanitizer: SanitizerKind, optimization: String = "-O1") async throws
    -> CommandResult
  {
    let builder = try ProgramBuilder()
    let program = try await builder.build(
      ["sanitized.cpp"], named: "sanitized", with: .clang, flags: try sanitizer.flags() + [optimization])
    return try await CommandQueue.run(program, [mode])
  }

  /// The functions of a report's first trace.
  private func firstTrace(_ report: String) -> [String] {
    let lines = report.split(separator: "\n").drop { !$0.hasPrefix("    #0 ") }.prefix { $0.hasPrefix("    #") }
    return lines.compactMap { line in
      // AddressSanitizer: `#0 0x1234 in name(types) place`; ThreadSanitizer: `#0 name(types) place`.
      line.split(separator: " ").dropFirst().first { !$0.hasPrefix("0x") && $0 != "in" }
        .map { String($0.prefix { $0 != "(" }) }
    }
  }

  @Test(
    "find nothing in fibers that nest, throw, jump and use stacks again",
    arguments: SanitizerKind.allCases, ["-O0", "-O2"])
  func clean(_ sanitizer: SanitizerKind, _ optimization: String) async throws {
    let result = try await run("clean", with: sanitizer, optimization: optimization)
    #expect(result.succeeded && result.output == "done\n" && result.errors.isEmpty, "\(result.report)")
  }

  @Test("AddressSanitizer follows a thread that ends inside a fiber")
  func leave() async throws {
    let result = try await run("leave", with: .address, optimization: "-O2")
    #expect(result.succeeded && result.output == "done\n" && result.errors.isEmpty, "\(result.report)")
  }

  @Test("AddressSanitizer reports a write behind memory, with the fiber's frames and its resumer's")
  func overflow() async throws {
    let result = try await run("overflow", with: .address)
    #expect(result.status == 1, "\(result.report)")
    #expect(result.errors.contains("ERROR: AddressSanitizer: heap-buffer-overflow"), "\(result.report)")
    let expected = ["overflowing_body", "ft_fiber_start", "ft_fiber_resume_bare", "ft_fiber_resume"]
    #expect(firstTrace(result.errors).starts(with: expected), "\(result.report)")
    #expect(firstTrace(result.errors).contains("main"), "\(result.report)")
  }

  @Test("AddressSanitizer reports the use of a variable of a function that has returned, and names both functions")
  func useAfterReturn() async throws {
    let result = try await run("return", with: .address)
    #expect(result.errors.contains("ERROR: AddressSanitizer: stack-use-after-return"), "\(result.report)")
    #expect(firstTrace(result.errors).first == "returning_body", "\(result.report)")
    #expect(result.errors.contains(" in escape_local "), "\(result.report)")
  }

  @Test("ThreadSanitizer takes a fiber that moves between threads for no race")
  func handover() async throws {
    let result = try await run("handover", with: .thread)
    #expect(result.succeeded && result.output == "done\n" && result.errors.isEmpty, "\(result.report)")
  }

  @Test(
    "have room for any number of fibers that are given back while they are suspended", arguments: SanitizerKind.allCases
  )
  func released(_ sanitizer: SanitizerKind) async throws {
    let result = try await run("released", with: sanitizer)
    #expect(result.succeeded && result.output == "done\n" && result.errors.isEmpty, "\(result.report)")
  }

  @Test("ThreadSanitizer reports a race of two threads' fibers, and names them")
  func race() async throws {
    let result = try await run("race", with: .thread)
    #expect(result.errors.contains("WARNING: ThreadSanitizer: data race"), "\(result.report)")
    #expect(firstTrace(result.errors).starts(with: ["counting_body", "ft_fiber_start"]), "\(result.report)")
    #expect(result.errors.contains("'first counter'") && result.errors.contains("'second counter'"), "\(result.report)")
  }

  @Test("cost nothing without them: no function stands around the switch")
  func nothingIsLeft() async throws {
    let builder = try ProgramBuilder()
    let program = try await builder.build(["sanitized.cpp"], named: "plain", with: .clang)
    let names = try await CommandQueue.run("nm", [program]).output
    for name in ["_bare", "sanitizer", "ft_fiber_has_started", "ft_fiber_is_abandoned"] {
      #expect(!names.contains(name), "\(name)")
    }
    // The functions of that name are those of the assembly: the first reads the record's base in r12.
    let code = try await CommandQueue.run("objdump", ["-d", "--disassemble=ft_fiber_resume", program]).output
    #expect(code.contains("0x8(%r12)") && !code.contains("call"), "\(code)")
  }
}
