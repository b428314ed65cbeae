import Foundation

/// What a program has printed, and how it has ended.
struct Run {
  var output: String
  var error: String
  var status: Int32
}

/// A sample, which SwiftPM puts beside the test program.
func product(_ name: String) throws -> URL {
  let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent(name)
}

func run(
  _ program: URL, _ arguments: [String], environment: [String: String] = [:]
) throws -> Run {
  let process = Process()
  let output = Pipe()
  let error = Pipe()
  process.executableURL = program
  process.arguments = arguments
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  process.standardOutput = output
  process.standardError = error
  try process.run()
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  let message = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return Run(output: text, error: message, status: process.terminationStatus)
}
