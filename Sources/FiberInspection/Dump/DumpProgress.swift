/// How far the making or the writing of a dump has come.
public struct DumpProgress: Sendable, Equatable {
  /// What is being done.
  public enum Phase: String, Sendable {
    /// Stacks are walked.
    case walking
    /// Places of code are given their names.
    case naming
    /// Fibers are written.
    case writing
  }

  /// What is being done.
  public var phase: Phase
  /// Stacks, places or fibers done.
  public var done: Int
  /// Of how many.
  public var total: Int
}
