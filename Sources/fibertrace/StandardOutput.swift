internal import ArgumentParser
internal import FiberInspection
internal import Glibc

/// Standard output, or another open file, in large pieces. A reader that goes away ends the process by SIGPIPE, as it ends `cat`.
struct StandardOutput: TextOutputStream, ByteOutput {
  private static let pieceSize = 1 << 16

  private var pending: [UInt8] = []
  private var failure: Int32 = 0
  private let descriptor: Int32
  /// What messages call it.
  private let name: String

  /// - Parameters:
  ///   - descriptor: open for writing until the output is flushed.
  ///   - name: what messages call it.
  init(descriptor: Int32 = STDOUT_FILENO, name: String = "standard output") {
    self.descriptor = descriptor
    self.name = name
    pending.reserveCapacity(2 * Self.pieceSize)
    // A parent may have had it ignored or blocked.
    _ = signal(SIGPIPE, SIG_DFL)
    var pipe = sigset_t()
    unsafe sigemptyset(&pipe)
    unsafe sigaddset(&pipe, SIGPIPE)
    unsafe sigprocmask(SIG_UNBLOCK, &pipe, nil)
  }

  mutating func write(_ string: String) {
    pending.append(contentsOf: string.utf8)
    if pending.count >= Self.pieceSize { writePending() }
  }

  mutating func write(_ bytes: [UInt8]) {
    pending.append(contentsOf: bytes)
    if pending.count >= Self.pieceSize { writePending() }
  }

  /// Writes what is left.
  ///
  /// - Parameter code: what the command exits with where that fails.
  /// - Throws: the exit code, after a line to standard error, if not all of the output could be written.
  mutating func flush(otherwise code: Int32 = CommandExit.incomplete) throws {
    writePending()
    guard failure == 0 else {
      StandardError.write("\(name): \(unsafe String(cString: strerror(failure)))")
      throw ExitCode(code)
    }
  }

  private mutating func writePending() {
    var start = 0
    while start < pending.count, failure == 0 {
      let count = unsafe pending.withUnsafeBytes { bytes in
        unsafe Glibc.write(descriptor, bytes.baseAddress?.advanced(by: start), bytes.count - start)
      }
      if count > 0 {
        start += count
      } else if count == 0 || errno != EINTR {
        failure = count == 0 ? EIO : errno
      }
    }
    pending.removeAll(keepingCapacity: true)
  }
}
