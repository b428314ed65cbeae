import Foundation
import TestSupport

/// A C program with the switch in it, to be built in one way.
struct DebuggedProgram: Hashable, Sendable {
  enum Compiler: String, Sendable { case clang, gcc }

  /// Its source, below the package's root.
  var source: String
  var compiler = Compiler.clang
  /// Options of compiler and linker, after "-g -pthread".
  var options: [String] = ["-O1"]

  /// Every state of a fiber; see the file.
  static let states = DebuggedProgram(
    source: "Tests/CommandTests/Programs/states.c", options: ["-O1", "-Wno-infinite-recursion"])

  /// Builds it, or waits until it is built, and answers its path. Each form is built once for all tests.
  func path() async throws -> String { try await BuiltPrograms.shared.path(of: self) }
}

/// Programs that are built already, or just being built.
private actor BuiltPrograms {
  static let shared = BuiltPrograms()

  private let directory = Result { try TemporaryDirectory() }
  private var builds: [DebuggedProgram: Task<String, any Error>] = [:]

  func path(of program: DebuggedProgram) async throws -> String {
    if let build = builds[program] { return try await build.value }
    let name = URL(filePath: program.source).deletingPathExtension().lastPathComponent
    let output = try directory.get().file("\(name)-\(builds.count)")
    let build = Task { try await Self.build(program, as: output) }
    builds[program] = build
    return try await build.value
  }

  private static func build(_ program: DebuggedProgram, as output: String) async throws -> String {
    let folder = "\(Package.root)/Sources/CFiberAsm"
    let sources =
      ["\(Package.root)/\(program.source)"]
      + ["fiber_x86_64.S", "personality.c", "registry.c", "records.c"].map { "\(folder)/\($0)" }
    let result = try await CommandQueue.run(
      program.compiler.rawValue,
      ["-g", "-pthread", "-Wall", "-Werror", "-Wl,--build-id", "-I\(folder)/include", "-o", output] + program.options
        + sources)
    // A failed expectation is recorded in the test that asks first, and the others would pass.
    guard result.succeeded else { throw BuildFailure(description: "\(program): \(result.report)") }
    return output
  }

  private struct BuildFailure: Error, CustomStringConvertible {
    var description: String
  }
}
