/// A mapping of a process's address space, from /proc/PID/maps or a core's NT_FILE note and program headers.
public struct Mapping: Sendable, Equatable {
  /// Addresses, half open.
  public var range: Range<UInt64>
  /// Offset in the file of the first byte, in bytes; 0 for memory without a file.
  public var fileOffset: UInt64
  /// Path as the process knows it, without " (deleted)"; "[stack]", "[vdso]" and the like; empty for anonymous memory.
  public var path: String
  /// The process may write here, so memory may differ from the file.
  public var isWritable: Bool
  /// The process may execute here.
  public var isExecutable: Bool
  /// The file has been removed or replaced since it was mapped (live processes only).
  public var isDeleted: Bool

  /// A mapping.
  public init(
    range: Range<UInt64>, fileOffset: UInt64, path: String, isWritable: Bool, isExecutable: Bool,
    isDeleted: Bool = false
  ) {
    self.range = range
    self.fileOffset = fileOffset
    self.path = path
    self.isWritable = isWritable
    self.isExecutable = isExecutable
    self.isDeleted = isDeleted
  }
}
