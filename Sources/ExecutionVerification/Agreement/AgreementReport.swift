package import FiberInspection

/// What came of holding unwinders against each other.
package struct AgreementReport: Sendable {
  /// Something known not to be done, by whom.
  package struct LimitOf: Sendable, Hashable {
    package var unwinder: UnwinderName
    package var limit: KnownLimit
  }

  /// Those that were compared.
  package var unwinders: [UnwinderName] = []
  /// Instructions at which all walked, each time counted.
  package var comparisons = 0
  /// Distinct instructions at which they did.
  package var instructions = 0
  /// Frames in which all that could be asked agreed, by unwinder.
  package var agreedFrames: [UnwinderName: Int] = [:]
  /// By module and address.
  package var disagreements: [Disagreement] = []
  /// Walks that ended early for a known reason.
  package var limits: [LimitOf: Int] = [:]
  /// What could not be used, one line each.
  package var problems: [Problem] = []

  package init() {}
}
