internal import Foundation

/// A running program that has printed its first line. Killed with its last owner.
package final class RunningProgram {
  private let process = Process()
  private let output = Pipe()

  package var id: Int32 { process.processIdentifier }
  package var argument: String { String(id) }

  /// What it printed when it stood.
  package let greeting: String

  private let directory: TemporaryDirectory?

  /// Starts a program and waits for its first output.
  package convenience init(_ path: String, _ arguments: String...) throws {
    try self.init(path, arguments: arguments, until: nil)
  }

  /// Starts a program and waits for its first output; or until its output ends with the line `ready`, and all its threads sleep.
  ///
  /// - Parameter directory: where it runs, allowed to leave a core there.
  package init(
    _ path: String, arguments: [String] = [], until ready: String?, coreIn directory: TemporaryDirectory? = nil
  ) throws {
    self.directory = directory
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    if let directory {
      process.executableURL = URL(filePath: "/bin/sh")
      let script = "cd \"$1\" && ulimit -c unlimited && shift && exec \"$@\""
      process.arguments = ["-c", script, "sh", directory.path, path] + arguments
    }
    process.standardOutput = output
    try process.run()
    var text = Data()
    repeat {
      let more = output.fileHandleForReading.availableData
      text += more
      if more.isEmpty { break }
    } while ready.map { !text.reversed().starts(with: "\($0)\n".utf8.reversed()) } ?? false
    greeting = String(decoding: text, as: UTF8.self)
    // It has written the line, and may be on its way back still.
    while ready != nil, process.isRunning, !states.allSatisfy({ $0 == "S" }) { usleep(1000) }
  }

  /// The state letters of its threads.
  private var states: [Character?] {
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/task")) ?? []
    return threads.map { Self.state(in: "/proc/\(id)/task/\($0)/status") }
  }

  /// Saves a core of it by gdb, and answers the path.
  package func core(in directory: TemporaryDirectory) throws -> String {
    let result = try run("/usr/bin/env", ["gcore", "-o", directory.file("core"), argument])
    guard result.status == 0 else { throw NoCore(description: "gcore of \(argument): \(result.report)") }
    return directory.file("core.\(id)")
  }

  /// Ends it by a signal, so that the system writes a core into its directory, and answers the path.
  package func leaveCore() throws -> String {
    let pattern = try String(contentsOfFile: "/proc/sys/kernel/core_pattern", encoding: .utf8)
    guard let directory, !pattern.hasPrefix("|"), !pattern.hasPrefix("/") else {
      throw NoCore(description: "kernel.core_pattern is \(pattern): it must name a file in the current directory")
    }
    // Not SIGABRT: Foundation starts programs with that blocked.
    kill(id, SIGSEGV)
    process.waitUntilExit()
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    guard let name = names.first(where: { $0.hasPrefix("core") }) else {
      throw NoCore(description: "the system wrote no core of \(id)")
    }
    return directory.file(name)
  }

  private struct NoCore: Error, CustomStringConvertible {
    var description: String
  }

  /// "S" while it sleeps, "T" if it was left stopped; the state letter of proc(5).
  ///
  /// One that has just been let go runs until it sleeps again, on a busy machine for a while: that is waited for, at most ten seconds.
  package var state: Character? {
    for _ in 0..<1000 {
      let state = Self.state(in: "/proc/\(id)/status")
      if state != "R" { return state }
      usleep(10_000)
    }
    return "R"
  }

  private static func state(in file: String) -> Character? {
    guard let status = try? String(contentsOfFile: file, encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("State:") })
    else { return nil }
    return line.dropFirst("State:".count).first { !$0.isWhitespace }
  }

  deinit {
    kill(id, SIGKILL)
    process.waitUntilExit()
  }
}
