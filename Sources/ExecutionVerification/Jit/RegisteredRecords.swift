internal import CallFrameInfo
internal import FiberInspection

/// The records that a program registered with its unwinder, where it keeps them.
struct RegisteredRecords {
  /// As addresses of the process count.
  let section: CallFrameSection
  /// Offset of the FDE that alone was registered; nil for all.
  let onlyOffset: Int?

  /// A record begins at `address`: a CIE if the word behind its length is zero (LSB Core, "The .eh_frame section").
  ///
  /// - Parameter limit: most that is read, in bytes.
  /// - Returns: nil where no record can be read.
  init?(at address: UInt64, limit: Int, memory: any MemoryReader) {
    guard let first = memory.word(at: address), UInt32(truncatingIfNeeded: first) != .max else { return nil }
    let name = "frames registered at \(hexadecimal(address))"
    let distance = first >> 32
    guard distance != 0 else {
      guard let section = Self.section(at: address, limit: limit, memory: memory, name: name) else { return nil }
      self.section = section
      onlyOffset = nil
      return
    }
    // Its CIE lies before it.
    let size = UInt64(UInt32(truncatingIfNeeded: first)) + 4
    let start = address &+ 4 &- distance
    guard start < address, address - start <= UInt64(limit), address - start + size <= UInt64(limit) else { return nil }
    let bytes = memory.knownBytes(at: start, count: address - start + size)
    guard UInt64(bytes.count) == address - start + size else { return nil }
    section = CallFrameSection(.ehFrame, source: name, bytes: bytes, address: start)
    onlyOffset = Int(address - start)
  }

  /// Records up to the zero length that ends them, or as many as can be read.
  private static func section(
    at address: UInt64, limit: Int, memory: any MemoryReader, name: String
  ) -> CallFrameSection? {
    var bytes: [UInt8] = []
    var size = 4096
    while bytes.count < limit {
      let wanted = min(size, limit - bytes.count)
      let piece = memory.knownBytes(at: address &+ UInt64(bytes.count), count: UInt64(wanted))
      bytes += piece
      let section = CallFrameSection(loaded: bytes, address: address, source: name)
      // The zero length was met before the bytes ended.
      if let section, bytes.count - section.bytes.count >= 4, section.isEnded(in: bytes) { return section }
      if piece.count < wanted { return section }
      size = bytes.count
    }
    return CallFrameSection(loaded: bytes, address: address, source: name)
  }
}

extension CallFrameSection {
  /// It is what `bytes` begin with, and a length of zero follows.
  fileprivate func isEnded(in bytes: [UInt8]) -> Bool {
    bytes[self.bytes.count..<self.bytes.count + 4].allSatisfy { $0 == 0 }
  }
}
