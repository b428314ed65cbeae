internal import ArgumentParser
internal import Glibc

/// A file that a report is written to. It is opened before the work, so that whoever names a wrong one need not wait; what is in it
/// stays until there is something new.
@safe final class OutputFile {
  private let descriptor: Int32
  private let path: String

  /// Opens the file, which is made if there is none.
  ///
  /// - Throws: an exit code, after a line to standard error.
  init(_ path: String) throws {
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0o666)
    guard descriptor >= 0 else { throw Self.failure(path) }
  }

  /// Where to write, with nothing before it.
  func output() throws -> StandardOutput {
    // A pipe or a device has nothing to cut.
    guard ftruncate(descriptor, 0) == 0 || errno == EINVAL else { throw Self.failure(path) }
    return StandardOutput(descriptor: descriptor, name: path)
  }

  /// Refuses to write over one of `inputs`.
  ///
  /// - Throws: the exit code of wrong usage, after a line to standard error.
  func requireOther(than inputs: some Sequence<String>) throws {
    var own = stat()
    guard unsafe fstat(descriptor, &own) == 0 else { throw Self.failure(path) }
    for input in inputs {
      var other = stat()
      guard unsafe stat(input, &other) == 0, other.st_dev == own.st_dev, other.st_ino == own.st_ino else { continue }
      StandardError.write("\(path): not written: it is \(input), which is to be verified; name another file")
      throw ExitCode(VerifyExit.usage)
    }
  }

  private static func failure(_ path: String) -> ExitCode {
    StandardError.write("\(path): not writable: \(unsafe String(cString: strerror(errno)))")
    return ExitCode(VerifyExit.unreadable)
  }

  deinit { close(descriptor) }
}
