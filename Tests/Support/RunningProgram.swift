internal import Foundation

/// A running program that has printed its first line. Killed with its last owner.
package final class RunningProgram {
  private let process = Process()
  private let output = Pipe()

  package var id: Int32 { process.processIdentifier }
  package var argument: String { String(id) }

  /// What it printed when it stood: its first line, and what came with it.
  package let greeting: String

  /// Starts a program and waits for its first line.
  package init(_ path: String, _ arguments: String..., directory: String? = nil) throws {
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.standardOutput = output
    if let directory { process.currentDirectoryURL = URL(filePath: directory) }
    try process.run()
    greeting = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
  }

  /// Saves a core of it by gdb, and answers the path.
  package func core(in directory: TemporaryDirectory) throws -> String {
    let result = try run("/usr/bin/env", ["gcore", "-o", directory.file("core"), argument])
    guard result.status == 0 else { throw NoCore(description: "gcore of \(argument): \(result.report)") }
    return directory.file("core.\(id)")
  }

  private struct NoCore: Error, CustomStringConvertible {
    var description: String
  }

  /// "S" while it sleeps, "T" if it was left stopped; the state letter of proc(5).
  package var state: Character? {
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
