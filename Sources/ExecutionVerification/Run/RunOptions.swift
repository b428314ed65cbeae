/// How a program is stepped.
package struct RunOptions: Sendable {
  /// What is stepped.
  package enum Mode: Sendable, Hashable {
    /// Every instruction of every thread.
    case all
    /// The first activations of each function, so many; all else runs at full speed.
    case sampled(activations: Int)
  }

  package var mode = Mode.sampled(activations: 3)
  /// After so many steps of a thread its whole stack is walked, besides wherever an instruction is met for the first time.
  package var walkInterval = 64
  /// Stops following after so many steps; nil for no limit.
  package var mostSteps: Int?
  /// Stops following after so long; nil for no limit.
  package var timeout: Duration?
  /// Processes that the program forks are followed, too.
  package var followsChildren = true

  package init() {}
}
