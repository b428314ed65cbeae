internal import CallFrameInfo

/// A range of a process's memory as a source of bytes: an ELF image where it was loaded, a segment of notes.
struct MemoryWindow: ByteSource {
  let memory: any MemoryReader
  let range: Range<UInt64>
  let name: String

  /// At most 16 MiB: headers and notes are all that is read through windows, and the range may be hostile.
  static let limit: UInt64 = 1 << 24

  /// The window that starts at `address`, cut to the limit and to the end of the address space.
  init(_ memory: any MemoryReader, at address: UInt64, size: UInt64, name: String) {
    self.memory = memory
    self.name = name
    range = address..<address + min(size, Self.limit, UInt64.max - address)
  }

  func bytes(at offset: UInt64, count: UInt64) -> [UInt8] {
    guard offset < UInt64(range.count) else { return [] }
    let start = range.lowerBound + offset
    return memory.bytes(at: start, count: Int(min(count, range.upperBound - start)))
  }
}
