internal import FiberInspection
internal import Glibc

/// Where problems go.
enum StandardError {
  /// Writes one line, whatever `message` holds: names in it may come from a hostile process.
  static func write(_ message: String) {
    let line = Array("fibertrace: \(message.escapedForTerminal)\n".utf8)
    // Whoever closed standard error does not want it.
    _ = unsafe line.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
