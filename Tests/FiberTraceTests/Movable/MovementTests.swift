import TestSupport
import Testing

/// Which build of the program runs: with the optimizer's liberties and without.
private enum Build: String, CaseIterable {
  case debug, release

  var program: String {
    get throws {
      switch self {
      case .debug: try Package.product("movement")
      case .release: try Package.release("movement")
      }
    }
  }
}

@Suite("A fiber that moves between threads")
struct MovementTests {
  @Test(
    "keeps its open accesses to itself, on every thread, and those of its resumers to them",
    arguments: Build.allCases, ["inout", "modify", "resumer", "alternating", "dropped", "nested"])
  fileprivate func accesses(_ build: Build, _ name: String) async throws {
    let result = try await CommandQueue.run(build.program, [name])
    #expect(result.succeeded && result.output == "done\n", "\(result.report)")
  }

  @Test(
    "is stopped where it touches what it is accessing itself, or what its resumer is accessing",
    arguments: Build.allCases, ["overlap", "overlap-resumer"])
  fileprivate func overlaps(_ build: Build, _ name: String) async throws {
    let result = try await CommandQueue.run(build.program, [name], environment: ["SWIFT_BACKTRACE": "enable=no"])
    #expect(!result.succeeded)
    #expect(result.errors.contains("Fatal access conflict detected"), "\(result.report)")
  }

  @Test("takes the bound fibers that it has made along", arguments: Build.allCases)
  fileprivate func boundFibers(_ build: Build) async throws {
    let result = try await CommandQueue.run(build.program, ["bound"])
    #expect(result.succeeded && result.output == "done\n", "\(result.report)")
  }

  @Test("resumes no bound fiber of a thread, and no thread one of its own: a clear error", arguments: Build.allCases)
  fileprivate func foreignFibers(_ build: Build) async throws {
    let result = try await CommandQueue.run(build.program, ["foreign"])
    #expect(result.succeeded && result.output == "done\n", "\(result.report)")
  }

  @Test(
    "switches 100,000 times without a system call or an allocation, as does one that is bound",
    .enabled(if: Sanitizer.isNone, "sanitizers make system calls of their own"),
    arguments: Build.allCases, ["bare-switches", "bare-moves"])
  fileprivate func bare(_ build: Build, _ name: String) async throws {
    let result = try await CommandQueue.run(build.program, [name])
    #expect(result.succeeded && result.output == "done\n", "\(result.report)")
  }
}
