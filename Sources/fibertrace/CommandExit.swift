/// Exit codes. 0 is complete, and 64 (wrong usage) is ArgumentParser's.
enum CommandExit {
  /// Something could not be read.
  static let incomplete: Int32 = 1
  /// No such process, or no readable x86-64 core.
  static let noTarget: Int32 = 2
  /// Not permitted.
  static let notPermitted: Int32 = 3
}
