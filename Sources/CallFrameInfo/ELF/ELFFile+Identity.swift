/// Where to look for debug information that was split off (gdb, "Debugging Information in Separate Files").
public struct DebugLink: Sendable, Hashable {
  /// A file name without a directory, as the file has it.
  public let name: String
  /// CRC-32 of the whole debug file (IEEE 802.3, reflected, as zlib's `crc32`).
  public let checksum: UInt32
}

extension ELFFile {
  /// Bytes of notes that are read for a build-id: real ones have less than 4 KiB.
  private static let noteLimit: UInt64 = 1 << 16

  /// The descriptor of the first NT_GNU_BUILD_ID note: of the section `.note.gnu.build-id` or, where there is none, of the segments
  /// PT_NOTE. Read at each call. O(size of the notes).
  public var buildID: [UInt8]? {
    if let section = section(named: ".note.gnu.build-id"), section.kind == .note, section.size <= Self.noteLimit,
      let bytes = try? storedBytes(of: section),
      let found = Self.buildID(bytes, alignment: section.alignment, source: source.name, base: section.fileOffset)
    {
      return found
    }
    var left = Self.noteLimit
    for segment in segments where segment.kind == .note {
      let bytes = source.bytes(at: segment.fileOffset, count: min(segment.fileSize, left))
      left -= UInt64(bytes.count)
      let alignment = segment.alignment
      if let found = Self.buildID(bytes, alignment: alignment, source: source.name, base: segment.fileOffset) {
        return found
      }
    }
    return nil
  }

  private static func buildID(_ bytes: [UInt8], alignment: UInt64, source: String, base: UInt64) -> [UInt8]? {
    var reader = NoteReader(bytes, alignment: alignment, source: source, base: base)
    while let note = try? reader.next() {
      if note.name == "GNU", note.type == 3 { return Array(note.descriptor) }
    }
    return nil
  }

  /// What `.gnu_debuglink` says: a name with its NUL, padded to 4 bytes, then the checksum. Nil without one that is whole. Read at
  /// each call. O(size of the section).
  public var debugLink: DebugLink? {
    guard let section = section(named: ".gnu_debuglink"), section.size <= 1 << 16,
      let bytes = try? storedBytes(of: section), let end = bytes.firstIndex(of: 0), end > 0,
      let checksum: UInt32 = bytes.littleEndian((end + 4) & ~3)
    else { return nil }
    return DebugLink(name: String(decoding: bytes[..<end], as: UTF8.self), checksum: checksum)
  }
}
