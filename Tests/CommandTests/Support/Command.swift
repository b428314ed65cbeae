import Foundation
import Testing

/// What a command printed, and how it ended.
struct CommandResult {
  /// Exit code, or the signal's number with `wasKilled`.
  var status: Int32
  var wasKilled: Bool
  var output: String
  var errors: String

  var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// Paths of this package, and of what was built beside the tests.
enum Package {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// A product, next to the test bundle.
  static func product(_ name: String) throws -> String {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let path = URL(filePath: tests).deletingLastPathComponent().appending(path: name).path
    try #require(FileManager.default.isExecutableFile(atPath: path), "\(path) is not built")
    return path
  }

  /// A product of the release build, which Scripts/test makes first.
  static func release(_ name: String) throws -> String {
    let path = "\(root)/.build/release/\(name)"
    try #require(FileManager.default.isExecutableFile(atPath: path), "\(path) is not built: run Scripts/test")
    return path
  }
}

/// Runs a command to its end and gives it two minutes.
@discardableResult
func run(
  _ path: String, _ arguments: [String], environment: [String: String] = [:], directory: String? = nil
) throws -> CommandResult {
  let scratch = try TemporaryDirectory()
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/timeout")
  process.arguments = ["--signal=KILL", "120", path] + arguments
  var variables = ProcessInfo.processInfo.environment
  for name in ["LC_ALL", "LC_CTYPE", "NO_COLOR"] { variables[name] = nil }
  variables["LANG"] = "C.UTF-8"
  process.environment = variables.merging(environment) { $1 }
  if let directory { process.currentDirectoryURL = URL(filePath: directory) }
  // Files, not pipes: nothing has to drain two at once.
  for name in ["out", "err"] { try scratch.write("", to: name) }
  process.standardOutput = try FileHandle(forWritingTo: URL(filePath: scratch.file("out")))
  process.standardError = try FileHandle(forWritingTo: URL(filePath: scratch.file("err")))
  try process.run()
  process.waitUntilExit()
  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: scratch.file(name))), as: UTF8.self)
  }
  return CommandResult(
    status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
    output: try text("out"), errors: try text("err"))
}

/// Runs `fibertrace`.
func fibertrace(
  _ arguments: String..., environment: [String: String] = [:], directory: String? = nil
) throws -> CommandResult {
  try run(Package.product("fibertrace"), arguments, environment: environment, directory: directory)
}

/// A directory for one test, removed with its last owner.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "fibertrace-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ text: String, to name: String) throws { try Data(text.utf8).write(to: URL(filePath: file(name))) }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
