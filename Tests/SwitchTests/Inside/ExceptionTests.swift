internal import Foundation
internal import TestSupport
import Testing

/// A library that unwinds C++ exceptions, and how a program is made to use it.
enum ExceptionLibrary: String, CaseIterable, Sendable {
  case libgcc = "libgcc_s.so.1"
  case nongnu = "libunwind.so.8"
  case llvm = "libunwind.so.1"

  /// Debian's package `libunwind-14`. The file is linked itself: the -dev package excludes libunwind-dev.
  static let llvmPath = "/usr/lib/llvm-14/lib/libunwind.so.1"

  static var llvmIsInstalled: Bool { FileManager.default.fileExists(atPath: llvmPath) }

  /// Options that put the library before libgcc, whose `_Unwind_*` are then not used.
  var flags: [String] {
    switch self {
    case .libgcc: []
    case .nongnu: ["-lunwind"]
    case .llvm: [Self.llvmPath]
    }
  }
}

/// Where a fiber's stack lies, seen from its resumer's.
enum StackPlace: String, CaseIterable, Sendable {
  case above, below
}

@Suite("C++ exceptions on fibers")
struct ExceptionTests {
  private func run(
    _ mode: String, _ place: StackPlace, _ library: ExceptionLibrary, with compiler: ProgramBuilder.Compiler = .clang,
    assembly: String? = nil
  ) async throws -> CommandResult {
    let builder = try ProgramBuilder()
    let program = try await builder.build(
      ["inside_exception.cpp"], named: "inside_exception", with: compiler, flags: library.flags, assembly: assembly)
    return try await CommandQueue.run(program, [mode, place.rawValue], seconds: 20)
  }

  private func expectCaught(_ library: ExceptionLibrary, _ place: StackPlace) async throws {
    let result = try await run("caught", place, library)
    #expect(result.succeeded, "\(result.report)")
    #expect(
      result.output == """
        unwinding by \(library.rawValue)
        destroyed on the way
        caught inner in the inner fiber
        destroyed on the way
        caught twice first
        caught twice second
        destroyed on the way
        caught again in the inner fiber
        returned

        """)
  }

  private func expectTerminate(_ library: ExceptionLibrary, _ place: StackPlace) async throws {
    let result = try await run("escape", place, library)
    #expect(result.status == 3 && !result.wasSignalled, "\(result.report)")
    #expect(
      result.output == """
        unwinding by \(library.rawValue)
        terminate: on_terminate throw_out escape_body ft_fiber_start ft_fiber_resume resume_guarded main _start

        """)
    #expect(result.errors == "FiberTrace: fiber #1\(Self.complaint)")
    let nested = try await run("escape-nested", place, library)
    #expect(nested.status == 3 && !nested.wasSignalled, "\(nested.report)")
    #expect(
      nested.output == """
        unwinding by \(library.rawValue)
        terminate: on_terminate throw_out escape_body ft_fiber_start ft_fiber_resume guarded_body \
        ft_fiber_start ft_fiber_resume resume_guarded main _start

        """)
    #expect(nested.errors == "FiberTrace: fiber #2 \"thrower\"\(Self.complaint)")
  }

  private static let complaint =
    " throws a foreign exception that its body does not catch; none may pass to the resumer: catch it in the fiber\n"

  @Test(
    "Exceptions are caught and rethrown inside fibers, also across suspends",
    arguments: [ExceptionLibrary.libgcc, .nongnu], StackPlace.allCases)
  func exceptionsAreCaught(_ library: ExceptionLibrary, _ place: StackPlace) async throws {
    try await expectCaught(library, place)
  }

  @Test(
    "An exception that leaves a body names the fiber and terminates at the throw with the whole trace; no resumer catches it",
    arguments: [ExceptionLibrary.libgcc, .nongnu], StackPlace.allCases)
  func escapeTerminates(_ library: ExceptionLibrary, _ place: StackPlace) async throws {
    try await expectTerminate(library, place)
  }

  @Test(
    "LLVM's libunwind catches and terminates likewise",
    .enabled(if: ExceptionLibrary.llvmIsInstalled, "LLVM's libunwind is not installed: apt install libunwind-14"),
    arguments: StackPlace.allCases)
  func llvmAgrees(_ place: StackPlace) async throws {
    try await expectCaught(.llvm, place)
    try await expectTerminate(.llvm, place)
  }

  @Test("An exception that leaves a body terminates in a program built by gcc")
  func escapeTerminatesWithGCC() async throws {
    let result = try await run("escape-nested", .above, .libgcc, with: .gcc)
    #expect(result.status == 3 && !result.wasSignalled, "\(result.report)")
    #expect(
      result.output == """
        unwinding by libgcc_s.so.1
        terminate: on_terminate throw_out escape_body ft_fiber_start ft_fiber_resume ft_fiber_resume_c guarded_body \
        ft_fiber_start ft_fiber_resume ft_fiber_resume_c resume_guarded main _start

        """)
  }

  /// With libgcc alone: glibc loads libgcc for forced unwinding whatever the program links, and a program that throws with
  /// another library then crashes or skips destructors, with fibers or without.
  @Test(
    "pthread_exit and pthread_cancel run the destructors of all stacks, and leave the fibers marked as abandoned",
    arguments: [("exit", "joined"), ("cancel", "joined, cancelled")], StackPlace.allCases)
  func forcedUnwindingCrosses(_ end: (mode: String, last: String), _ place: StackPlace) async throws {
    let result = try await run(end.mode, place, .libgcc)
    #expect(result.succeeded, "\(result.report)")
    #expect(
      result.output == """
        unwinding by libgcc_s.so.1
        destroyed in the inner fiber
        destroyed in the outer fiber
        destroyed in the thread
        \(end.last)
        flags 4, count 1
        flags 4, count 1

        """)
  }

  /// glibc's context is libgcc's, which the linked library's functions cannot read.
  @Test(
    "pthread_exit leaves fibers marked as abandoned whatever library unwinds exceptions",
    arguments: [ExceptionLibrary.libgcc, .nongnu] + (ExceptionLibrary.llvmIsInstalled ? [.llvm] : []),
    StackPlace.allCases)
  func forcedUnwindingMarks(_ library: ExceptionLibrary, _ place: StackPlace) async throws {
    let result = try await run("exit-plain", place, library)
    #expect(result.succeeded, "\(result.report)")
    #expect(
      result.output == """
        unwinding by \(library.rawValue)
        joined
        flags 4, count 1
        flags 4, count 1

        """)
  }

  @Test("Handlers of fibers that suspend inside them mix their exceptions up, unless they are kept apart")
  func handlers() async throws {
    let builder = try ProgramBuilder()
    let program = try await builder.build(["catching.cpp"], named: "catching", with: .clang)
    let kept = try await CommandQueue.run(program, ["kept"], seconds: 20)
    #expect(kept.succeeded, "\(kept.report)")
    #expect(
      kept.output == """
        main holds nothing
        first rethrows first
        first holds nothing
        second rethrows second
        second holds nothing
        main rethrows main

        """)
    let plain = try await CommandQueue.run(program, ["plain"], seconds: 20)
    #expect(plain.output.hasPrefix("main holds something\nfirst rethrows second\n"), "\(plain.report)")
  }

  @Test("Without the base frame's personality the resumer's handler would catch")
  func personalityIsNeeded() async throws {
    let text = try String(contentsOf: DamagedSwitchTests.assembly, encoding: .utf8)
    let personality = ".cfi_personality 0x1b, ft_fiber_personality"
    try #require(text.contains(personality))
    let assembly = text.replacingOccurrences(of: personality, with: "")
    let result = try await run("escape", .above, .libgcc, assembly: assembly)
    #expect(result.output.contains("WRONG: caught in the resumer"), "\(result.report)")
  }
}
