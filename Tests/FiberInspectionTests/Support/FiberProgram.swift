import Foundation
import TestSupport
import Testing

/// A C program of Tests/FiberInspectionTests/Programs on the switch of Sources/CFiberAsm, built once.
enum FiberProgram {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path
  private static let directory = Result {
    // A static has no last owner.
    atexit { FiberProgram.removeBuilt() }
    return try TemporaryDirectory()
  }

  private static func removeBuilt() {
    if let path = try? directory.get().path { try? FileManager.default.removeItem(atPath: path) }
  }

  /// Path of the built program.
  static func path() throws -> String { try built.get() }

  private static let built = Result { () throws -> String in
    let output = try directory.get().file("fibers")
    try build(["\(root)/Tests/FiberInspectionTests/Programs/fibers.c"], to: output)
    return output
  }

  /// Builds C sources with the switch.
  static func build(_ sources: [String], to output: String, _ options: [String] = []) throws {
    let assembly = "\(root)/Sources/CFiberAsm"
    let result = try run(
      "/usr/bin/env",
      [
        "clang", "-g", "-O1", "-fno-omit-frame-pointer", "-pthread", "-Wl,--build-id", "-I\(assembly)/include", "-o",
        output,
      ] + options + sources
        + ["fiber_x86_64.S", "personality.c", "registry.c", "records.c"].map { "\(assembly)/\($0)" })
    try #require(result.status == 0, "\(result.report)")
  }
}

/// A running program that has printed its first line. Killed with its last owner.
final class RunningProgram {
  private let process = Process()
  private let pipe = Pipe()
  /// What it printed when it was ready.
  private(set) var firstLine = ""

  var id: Int32 { process.processIdentifier }

  convenience init(_ arguments: String..., path: String? = nil) throws {
    try self.init(arguments: arguments, path: path)
  }

  init(arguments: [String], path: String? = nil) throws {
    process.executableURL = URL(filePath: try path ?? FiberProgram.path())
    process.arguments = arguments
    process.standardOutput = pipe
    try process.run()
    firstLine = try nextLine()
  }

  /// What it prints next; blocks until it does.
  func nextLine() throws -> String {
    var line = ""
    while let byte = try pipe.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
      line.append(Character(UnicodeScalar(byte)))
    }
    return line
  }

  func send(_ signal: Int32) { kill(id, signal) }

  /// Waits until every thread sleeps: a program prints its line a little before.
  func settle() throws {
    while !(try threadStates().allSatisfy { $0.state == "S" }) { usleep(1000) }
  }

  /// Waits for its end and answers what it printed after its first line.
  func finish() -> String {
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self)
  }

  /// Of each thread the state and the tracer.
  func threadStates() throws -> [(state: Character, tracer: String)] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/task").compactMap { thread in
      guard let status = try? String(contentsOfFile: "/proc/\(id)/task/\(thread)/status", encoding: .utf8) else {
        return nil
      }
      func field(_ name: String) -> String {
        status.split(separator: "\n").first { $0.hasPrefix(name) }.map {
          $0.dropFirst(name.count).trimmingCharacters(in: .whitespaces)
        } ?? ""
      }
      return (field("State:").first ?? "?", field("TracerPid:"))
    }
  }

  /// It runs, and nobody traces it.
  func expectUnharmed(_ location: SourceLocation = #_sourceLocation) throws {
    let states = try threadStates()
    #expect(!states.isEmpty, sourceLocation: location)
    for (state, tracer) in states {
      #expect(state != "t" && state != "T", sourceLocation: location)
      #expect(tracer == "0", sourceLocation: location)
    }
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }
}
