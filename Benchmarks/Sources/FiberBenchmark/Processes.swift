internal import Foundation

/// Another process of this program ended with an error.
struct ProcessFailure: Error, CustomStringConvertible {
  let arguments: [String]
  let status: Int32

  var description: String { "\(arguments.joined(separator: " ")): ended with status \(status)" }
}

/// Runs a program and answers what it writes to its output. Its errors go where ours go.
///
/// - Throws: ``ProcessFailure`` unless it ends with status 0.
func output(of arguments: [String], environment: [String: String] = [:]) throws -> Data {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = arguments
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let data = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    throw ProcessFailure(arguments: arguments, status: process.terminationStatus)
  }
  return data
}

/// The path of this program.
func ownPath() throws -> String {
  try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
}

/// A small file's text.
func readFile(_ path: String) throws -> String {
  try String(contentsOfFile: path, encoding: .utf8)
}
