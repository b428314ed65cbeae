internal import Foundation
internal import TestSupport

/// An unwinder that looks at a program from outside, and steps it.
enum OutsideUnwinder: String, CaseIterable, Sendable {
  /// gdb 13: its frame objects at boundaries, and the text of its `bt` elsewhere.
  case gdb
  /// libdw, in a tracer of our own.
  case libdw

  struct RunError: Error, CustomStringConvertible {
    var description: String
  }

  /// Runs `program` to its end and answers what was seen. Throws if it does not come to a good end.
  ///
  /// - Parameter tracer: the path of `outside_libdw`, built.
  func run(_ program: String, _ arguments: [String] = [], tracer: String) async throws -> OutsideRun {
    let result =
      switch self {
      case .gdb: try await Self.runInDebugger(program, arguments)
      case .libdw: try await CommandQueue.run(tracer, [program] + arguments + ["marks"])
      }
    return try Self.read(result, of: "\(rawValue), \(program) \(arguments)")
  }

  /// As `run` with gdb.
  static func debug(_ program: String) async throws -> OutsideRun {
    try read(try await runInDebugger(program, []), of: "gdb, \(program)")
  }

  private static func runInDebugger(_ program: String, _ arguments: [String]) async throws -> CommandResult {
    let script = ProgramBuilder.programs.appending(path: "outside_gdb.py").path
    return try await CommandQueue.run("gdb", ["-nx", "-batch", "-x", script, "--args", program] + arguments)
  }

  private static func read(_ result: CommandResult, of what: String) throws -> OutsideRun {
    let run = OutsideRun(output: result.output)
    guard result.succeeded, run.exitStatus == 0 else { throw RunError(description: "\(what): \(result.report)") }
    return run
  }
}
