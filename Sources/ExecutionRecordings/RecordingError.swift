/// Why a program could not be recorded.
package struct RecordingError: Error, CustomStringConvertible {
  /// The program's path.
  package let program: String
  /// What went wrong.
  package let reason: String

  package var description: String { "\(program): \(reason)" }
}
