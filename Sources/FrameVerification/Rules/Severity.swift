/// How much a finding matters.
package enum Severity: String, Sendable, Hashable, CaseIterable, Comparable {
  /// Worth knowing; nothing goes wrong.
  case note
  /// Some reader is likely to go wrong, or the next change to the file is likely to make one.
  case warning
  /// An unwinder goes wrong. The only one that makes the command exit with 1.
  case error

  package static func < (first: Severity, second: Severity) -> Bool { first.rank < second.rank }

  private var rank: Int {
    switch self {
    case .note: 0
    case .warning: 1
    case .error: 2
    }
  }
}
