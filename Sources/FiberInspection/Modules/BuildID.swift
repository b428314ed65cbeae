internal import CallFrameInfo

/// A note with its place: where in memory its descriptor lies.
struct PlacedNote {
  let note: Note
  let descriptorAddress: UInt64
}

/// The notes of a loaded image.
enum ModuleNotes {
  /// Bytes of notes that are read of one image, whatever its segments say: real ones have less than 4 KiB.
  static let limit: UInt64 = 1 << 16

  /// The notes in all PT_NOTE segments as far as `memory` knows them. A segment that ends inside a note gives those before.
  static func inMemory(
    _ segments: [ProgramHeader], bias: UInt64, memory: any MemoryReader
  ) -> [PlacedNote] {
    var left = limit
    return segments.filter { $0.kind == .note }.flatMap { segment -> [PlacedNote] in
      let address = bias &+ segment.virtualAddress
      let window = MemoryWindow(memory, at: address, size: min(segment.fileSize, left), name: "memory")
      let bytes = window.bytes(at: 0, count: left)
      left -= UInt64(bytes.count)
      return notes(bytes, segment).map {
        PlacedNote(note: $0, descriptorAddress: address &+ UInt64($0.descriptor.startIndex))
      }
    }
  }

  /// The notes of a file with these segments.
  static func inFile(_ segments: [ProgramHeader], _ source: some ByteSource) -> [Note] {
    var left = limit
    return segments.filter { $0.kind == .note }.flatMap { segment -> [Note] in
      let bytes = source.bytes(at: segment.fileOffset, count: min(segment.fileSize, left))
      left -= UInt64(bytes.count)
      return notes(bytes, segment)
    }
  }

  /// The descriptor of the first NT_GNU_BUILD_ID.
  static func buildID(_ notes: [Note]) -> [UInt8]? {
    notes.first { $0.name == "GNU" && $0.type == 3 }.map { Array($0.descriptor) }
  }

  private static func notes(_ bytes: [UInt8], _ segment: ProgramHeader) -> [Note] {
    var reader = NoteReader(bytes, alignment: segment.alignment, source: "notes", base: segment.fileOffset)
    var notes: [Note] = []
    while let note = try? reader.next() { notes.append(note) }
    return notes
  }
}

extension [UInt8] {
  /// Lower-case hexadecimal digits, two a byte: how build-ids are written.
  var hexadecimal: String {
    map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
