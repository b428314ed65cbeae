/// What is to be verified, and how.
package struct VerificationOptions: Sendable {
  /// Functions by name, readable or raw; empty for all. Lint of records that belong to none is left out then.
  package var functions: [String] = []
  /// Code without an FDE is an error.
  package var requiresCoverage = false
  /// Instructions that are neither proved nor refuted are listed as findings, one for each function and reason.
  package var listsUnknown = false
  /// How many threads work, at most.
  package var workers = 1
  /// A file with the symbols and source lines of the one that is verified, in place of what its build-id or link leads to.
  package var debugFile: String?

  /// By the paths of files that were executed: how often the row of the instruction at an address was right, of those whose row never
  /// was wrong.
  package var executions: [String: [UInt64: Int]] = [:]

  package init() {}
}
