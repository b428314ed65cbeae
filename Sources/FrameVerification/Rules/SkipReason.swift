/// Why no instruction under an FDE was looked at.
///
/// Reasons are values, so that others can be added: readers show the raw value.
package struct SkipReason: RawRepresentable, Sendable, Hashable, Comparable {
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  /// The file has no code at its addresses, or it has none.
  package static let noCode = SkipReason(rawValue: "no-code")
  /// An FDE behind it in the section begins at the same address: that one is checked.
  package static let sameStart = SkipReason(rawValue: "same-start")
  /// It, or what has to be kept while it is followed, is larger than what is followed.
  package static let tooLarge = SkipReason(rawValue: "too-large")

  package static func < (first: SkipReason, second: SkipReason) -> Bool { first.rawValue < second.rawValue }
}
