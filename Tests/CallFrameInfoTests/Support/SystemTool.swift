import Foundation
import TestSupport
import Testing

/// Programs of the system that tests compare with or make files by.
enum SystemTool {
  /// Runs the program at `path` to its end, with no signal blocked and two minutes of time; answers what it printed.
  ///
  /// Records an issue if it does not end with status 0.
  @discardableResult
  static func run(_ path: String, _ arguments: [String]) throws -> String {
    let result = try TestSupport.run(path, arguments, environment: ["LC_ALL": "C", "PATH": "/usr/bin:/bin"])
    try #require(result.succeeded, "\(path) \(arguments.joined(separator: " ")): \(result.errors.prefix(2000))")
    return result.output
  }

  /// Where `name` is in PATH; records an issue if it is nowhere.
  static func path(of name: String) throws -> String {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    let found = folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    return try #require(found, "\(name) is not in PATH")
  }
}
