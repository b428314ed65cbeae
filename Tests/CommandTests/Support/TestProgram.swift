import Foundation
import TestSupport
import Testing

/// Programs of Tests/CommandTests/Programs, each form built once.
enum TestProgram {
  private static let directory = Result { try TemporaryDirectory() }

  /// Every fiber state; see states.c.
  static let states = Result { try build("states", as: "states") }
  /// The same, linked to fixed addresses.
  static let fixedStates = Result { try build("states", as: "fixed", ["-no-pie", "-fno-pie"]) }
  /// The same with everything in one file.
  static let staticStates = Result { try build("states", as: "static", ["-static"]) }
  /// The same without debug information and symbols.
  static let strippedStates = Result { try build("states", as: "stripped", ["-s"]) }
  /// Threads for comparison with other debuggers; see threads.c.
  static let threads = Result { try build("threads", as: "threads") }

  /// A function whose CFA libdw cannot evaluate; see sized.c.
  static let sized = Result { try build("sized", as: "sized") }

  /// Many modules; see modules.c.
  static let modules = Result { try build("modules", as: "modules") }

  private static func build(_ source: String, as name: String, _ options: [String] = []) throws -> String {
    let assembly = "\(Package.root)/Sources/CFiberAsm"
    let output = try directory.get().file(name)
    let sources =
      ["\(Package.root)/Tests/CommandTests/Programs/\(source).c"]
      + ["fiber_x86_64.S", "personality.c", "registry.c", "records.c"].map { "\(assembly)/\($0)" }
    let result = try run(
      "/usr/bin/env",
      ["clang", "-g", "-O1", "-pthread", "-Wl,--build-id", "-I\(assembly)/include", "-o", output] + options + sources)
    // A failed #require is recorded in the test that asks first, and the others would pass.
    guard result.status == 0 else { throw BuildFailure(messages: result.errors) }
    return output
  }

  private struct BuildFailure: Error {
    var messages: String
  }
}

/// A running program that has printed its first line. Killed with its last owner.
final class RunningProgram {
  private let process = Process()
  private let output = Pipe()

  var id: Int32 { process.processIdentifier }
  var argument: String { String(id) }

  /// Starts a program and waits for its first line.
  init(_ path: String, _ arguments: String...) throws {
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.standardOutput = output
    try process.run()
    _ = output.fileHandleForReading.availableData
  }

  /// Saves a core of it by gdb, and answers the path.
  func core(in directory: TemporaryDirectory) throws -> String {
    let result = try run("/usr/bin/env", ["gcore", "-o", directory.file("core"), argument])
    try #require(result.status == 0, "\(result.errors)")
    return directory.file("core.\(id)")
  }

  /// "S" while it sleeps, "T" if it was left stopped; the state letter of proc(5).
  var state: Character? {
    guard let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("State:") })
    else { return nil }
    return line.dropFirst("State:".count).first { !$0.isWhitespace }
  }

  deinit {
    kill(id, SIGKILL)
    process.waitUntilExit()
  }
}
