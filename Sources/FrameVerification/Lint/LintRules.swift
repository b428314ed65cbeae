extension Rule {
  /// The rules of lint, in the order of their pages.
  package static let lint: [Rule] = []
}
