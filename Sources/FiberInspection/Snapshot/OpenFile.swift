internal import Glibc

/// A file descriptor that closes when the last owner lets go.
public final class OpenFile: Sendable {
  /// The descriptor; readable, at no particular offset. Use `pread` or `mmap`.
  public let descriptor: Int32
  /// The path it was opened by, for messages.
  public let path: String

  /// Takes ownership of an open descriptor.
  public init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { _ = close(descriptor) }
}
