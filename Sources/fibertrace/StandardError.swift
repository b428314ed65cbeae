internal import FiberInspection
internal import Glibc

/// Where problems go.
enum StandardError {
  /// Problems written one by one: a damaged file has one in each record.
  private static let problemLimit = 64

  /// Writes what could not be read, a line each; of very many, where the others are listed.
  static func write(_ problems: [some CustomStringConvertible], othersIn place: String) {
    for problem in problems.prefix(problemLimit) { write(problem.description) }
    if problems.count > problemLimit {
      write("\(problems.count - problemLimit) more problems are listed in \(place)")
    }
  }

  /// Writes one line, whatever `message` holds: names in it may come from a hostile process.
  static func write(_ message: String) {
    let line = Array("fibertrace: \(message.escapedForTerminal)\n".utf8)
    // Whoever closed standard error does not want it.
    _ = unsafe line.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
