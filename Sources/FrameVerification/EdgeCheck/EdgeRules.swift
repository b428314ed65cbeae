extension Rule {
  /// The rules of the edge check, in the order of their pages.
  package static let edge: [Rule] = []
}
