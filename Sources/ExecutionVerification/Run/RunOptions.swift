package import FrameVerification

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
  /// SIGINT, SIGTERM, SIGHUP and what else ends programs end it, all that is followed being let go. They have to be blocked in all threads of this process
  /// (`RunSignals.block`).
  package var endsOnSignals = false
  /// A program that was started and is let go before its end is waited for.
  package var waitsForEnd = false
  /// What a program that is started inherits; nil for what this process would pass on.
  package var inheritance: RunSignals.Inheritance?
  /// Unwinders that are held against each other; for none, nothing is compared.
  package var unwinders: [UnwinderName] = []
  /// Where they are.
  package var agreement = AgreementSchedule()

  /// Only functions of these modules are followed: the last components of their paths, or whole paths. Empty for all.
  package var modules: [GlobPattern] = []
  /// Likewise, by whole paths as the kernel has them.
  package var modulePaths: Set<String> = []
  /// Only functions of these names are followed, readable or raw. Empty for all.
  package var functions: [String] = []

  package init() {}

  /// How many activations of a function are followed.
  var activations: Int {
    if case .sampled(let activations) = mode { return max(1, activations) }
    return .max
  }

  /// Whether functions of a module are followed, as far as it alone decides.
  package func isWanted(module path: String) -> Bool {
    if modules.isEmpty && modulePaths.isEmpty || modulePaths.contains(path) { return true }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return modules.contains { $0.matches(name) || $0.matches(path) }
  }
}
