internal import FrameVerification

/// Exit codes of `fibertrace verify`. 64 (wrong usage) is ArgumentParser's.
enum VerifyExit {
  /// Nothing is refuted.
  static let clean: Int32 = 0
  /// Something is refuted.
  static let refuted: Int32 = 1
  /// Something is neither proved nor refuted, and --strict wants to know.
  static let undecided: Int32 = 2
  /// Something could not be read, or not be written.
  static let unreadable: Int32 = 3
  /// Wrong usage that only shows when files are opened; ArgumentParser exits with it for the rest.
  static let usage: Int32 = 64

  /// What is refuted is so whatever could not be read, and counts most; what could not be read may be refuted, and counts more than
  /// what cannot be decided.
  static func code(for report: Report, isComplete: Bool, isStrict: Bool) -> Int32 {
    if report.isRefuted { return refuted }
    if !isComplete { return unreadable }
    return isStrict && report.isUndecided ? undecided : clean
  }
}
