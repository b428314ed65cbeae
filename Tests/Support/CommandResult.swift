/// What a command that was run to its end left behind.
package struct CommandResult: Sendable {
  /// The exit status, or the number of the signal that ended it if `wasSignalled`. 124: the time was over.
  package var status: Int32
  package var wasSignalled: Bool
  package var output: String
  package var errors: String

  /// It ended by itself with status 0.
  package var succeeded: Bool { !wasSignalled && status == 0 }

  /// The lines of its output that are not empty.
  package var lines: [String] { output.split(separator: "\n").map(String.init) }

  /// How it ended and all it said, for a failing expectation.
  package var report: String {
    let end = wasSignalled ? "signal \(status)" : status == 124 ? "out of time" : "status \(status)"
    return "\(end)\n\(output)\n\(errors)"
  }
}
