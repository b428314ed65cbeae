/// Bytes that can be read at any offset: a file, a mapped file, an image in a process's memory, an array.
///
/// The readers of this module take their input from one, so that they do no input or output themselves and
/// read the same structure wherever it lies.
public protocol ByteSource {
  /// What messages call it: a path, or "memory of ...".
  var name: String { get }

  /// Up to `count` bytes from `offset` on: fewer where the source ends, none beyond its end. Never traps, and never
  /// allocates more than there is to return, whatever the arguments.
  func bytes(at offset: UInt64, count: UInt64) -> [UInt8]
}

extension ByteSource {
  /// Whether it has all of so many bytes from `offset` on. Reads one.
  func reaches(_ offset: UInt64, count: UInt64) -> Bool {
    let (end, overflow) = offset.addingReportingOverflow(count)
    return !overflow && (count == 0 || !bytes(at: end - 1, count: 1).isEmpty)
  }
}

/// The bytes of an array.
public struct ByteArray: ByteSource, Sendable {
  /// See `ByteSource`.
  public let name: String
  /// All of them; offset 0 is the first.
  public let contents: [UInt8]

  /// A source of these bytes under a name for messages.
  public init(_ contents: [UInt8], name: String) {
    self.contents = contents
    self.name = name
  }

  /// See `ByteSource`. O(`count`).
  public func bytes(at offset: UInt64, count: UInt64) -> [UInt8] {
    guard offset < UInt64(contents.count) else { return [] }
    let start = Int(offset)
    return Array(contents[start..<start + Int(min(count, UInt64(contents.count - start)))])
  }
}
