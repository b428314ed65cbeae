internal import ArgumentParser
internal import FiberInspection

/// Exit codes. 0 is complete, and 64 (wrong usage) is ArgumentParser's.
enum CommandExit {
  /// Something could not be read, or not be written.
  static let incomplete: Int32 = 1
  /// No such process, or no readable x86-64 core.
  static let noTarget: Int32 = 2
  /// Not permitted.
  static let notPermitted: Int32 = 3

  /// The code for an error after which there is nothing to show.
  static func code(for error: InspectionError) -> ExitCode {
    switch error.category {
    case .notPermitted: ExitCode(notPermitted)
    case .notWritten: ExitCode(incomplete)
    default: ExitCode(noTarget)
    }
  }
}
