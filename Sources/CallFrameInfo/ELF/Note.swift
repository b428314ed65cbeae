/// One note of a PT_NOTE segment (gABI, chapter 5, "Note Section").
public struct Note: Sendable, Hashable {
  /// Who defines the type: "GNU", "CORE", "FiberTrace". Without its NUL.
  public let name: String
  /// Meaning of the descriptor, in the name's own numbering.
  public let type: UInt32
  /// What it says. `descriptor.startIndex` is its offset in the segment.
  public let descriptor: ArraySlice<UInt8>
}

/// The notes of one segment, in order.
public struct NoteReader: Sendable {
  private let segment: [UInt8]
  private let alignment: Int
  private let source: String
  private let base: UInt64
  private var offset = 0

  /// - Parameters:
  ///   - segment: the bytes of the segment, as far as there are any.
  ///   - alignment: the segment's `p_align`. Notes are padded to 8 bytes if it is 8, else to 4.
  ///   - source: name of what it was read from, for messages.
  ///   - base: the segment's offset in that, for messages.
  public init(_ segment: [UInt8], alignment: UInt64, source: String, base: UInt64) {
    self.segment = segment
    self.alignment = alignment == 8 ? 8 : 4
    self.source = source
    self.base = base
  }

  /// The next note, nil after the last. Each call moves on by at least 12 bytes. O(size of the name).
  ///
  /// - Throws: `truncated` if the segment ends inside a note; there are no notes after that.
  public mutating func next() throws(ELFError) -> Note? {
    let start = offset
    guard start < segment.count else { return nil }
    offset = segment.count
    guard let nameSize: UInt32 = segment.littleEndian(start), let size: UInt32 = segment.littleEndian(start + 4),
      let type: UInt32 = segment.littleEndian(start + 8)
    else {
      // Zeros may fill the segment to its alignment.
      if segment[start...].allSatisfy({ $0 == 0 }) { return nil }
      throw truncated(at: start, "\(segment.count - start) of the 12 bytes of a note's header")
    }
    // 32-bit sizes: these sums cannot overflow Int.
    let nameStart = start + 12
    let descriptorStart = aligned(nameStart + Int(nameSize))
    let end = descriptorStart + Int(size)
    guard nameStart + Int(nameSize) <= segment.count, end <= segment.count || size == 0 else {
      throw truncated(at: start, "a note of \(end - start) bytes where \(segment.count - start) are left")
    }
    offset = min(aligned(end), segment.count)
    let name = segment[nameStart..<nameStart + Int(nameSize)].prefix { $0 != 0 }
    let descriptor = size == 0 ? segment[segment.count...] : segment[descriptorStart..<end]
    return Note(name: String(decoding: name, as: UTF8.self), type: type, descriptor: descriptor)
  }

  private func aligned(_ value: Int) -> Int { (value + alignment - 1) & ~(alignment - 1) }

  private func truncated(at start: Int, _ text: String) -> ELFError {
    ELFError(.truncated, source: source, offset: base &+ UInt64(start), text)
  }
}
