internal import CallFrameInfo

/// An ELF file whose `.eh_frame` and `.eh_frame_hdr` can be replaced by others of any size.
///
/// The new sections lie behind all that the file loads, in a segment of their own: of the program headers that nothing here
/// reads (PT_GNU_STACK, PT_GNU_PROPERTY, PT_NOTE) one becomes a PT_LOAD. Section headers and PT_GNU_EH_FRAME lead there.
package struct FrameImage: Sendable {
  private static let page: UInt64 = 4096

  /// The file as it was.
  package let original: [UInt8]
  package let name: String
  /// The records as they were read.
  package let frames: EditableFrames
  /// Virtual address of the new sections, and their offset in the file.
  private let address: UInt64
  /// The file up to there, headers not changed yet.
  private let prefix: [UInt8]
  /// Offsets in the file of the headers to change.
  private let loadHeader: Int
  private let tableSegment: Int?
  private let frameSection: Int
  private let tableSection: Int?

  /// A file with new sections.
  package struct Result: Sendable {
    package var bytes: [UInt8]
    /// See `EncodedFrames`.
    package var fdeOffsets: [Int?]
  }

  /// - Throws: `NotEditable` or an `ELFError` that says why its records cannot be replaced.
  package init(_ bytes: [UInt8], name: String) throws {
    func fail(_ text: String) -> NotEditable { NotEditable(description: "\(name): \(text)") }
    let elf = try ELFFile(reading: ByteArray(bytes, name: name))
    guard !elf.segments.isEmpty, let section = elf.section(named: ".eh_frame"), section.hasBytes else {
      throw fail("no .eh_frame in a linked file")
    }
    var problems: [ELFError] = []
    let sections = CallFrameTable.sections(of: elf, problems: &problems)
    guard let frameBytes = sections.first(where: { $0.kind == .ehFrame && $0.address == section.address }) else {
      throw fail("its .eh_frame cannot be read")
    }
    let table = elf.section(named: ".eh_frame_hdr")
    frames = try EditableFrames(frameBytes, hasSearchTable: table != nil)
    func header(_ index: Int) -> Int {
      Int(elf.header.sectionHeaderOffset) + index * Int(elf.header.sectionHeaderSize)
    }
    func program(_ index: Int) -> Int {
      Int(elf.header.programHeaderOffset) + index * Int(elf.header.programHeaderSize)
    }
    let spare: [UInt32] = [0x6474_e551, 0x6474_e553, ProgramHeader.Kind.note.rawValue]
    guard
      let load = spare.lazy.compactMap({ kind in elf.segments.firstIndex { $0.kind.rawValue == kind } }).first
    else { throw fail("no program header to spare") }
    let loadedEnd = elf.segments.filter { $0.kind == .load }.compactMap(\.virtualRange?.upperBound).max() ?? 0
    let offset = (UInt64(bytes.count) + Self.page - 1) & ~(Self.page - 1)
    // Address and offset agree modulo the page.
    address = (max(loadedEnd, offset) + Self.page - 1) & ~(Self.page - 1)
    prefix = bytes + [UInt8](repeating: 0, count: Int(offset) - bytes.count)
    original = bytes
    self.name = name
    loadHeader = program(load)
    tableSegment = elf.segments.firstIndex { $0.kind == .ehFrame }.map(program)
    frameSection = header(section.index)
    tableSection = table.map { header($0.index) }
  }

  /// The file with these records. O(its size).
  package func replacing(_ frames: EditableFrames) -> Result {
    // The table first, as linkers place it; its size depends on the number of FDEs alone, but for edits: room for one more.
    let room = frames.hasSearchTable ? (12 + 8 * (frames.fdes.count + 2) + 7) & ~7 : 0
    let frameAddress = address + UInt64(room)
    let encoded = frames.encoded(at: frameAddress)
    var bytes = prefix
    bytes.reserveCapacity(prefix.count + room + encoded.bytes.count)
    if frames.hasSearchTable {
      var table = Self.searchTable(of: frames, encoded, at: frameAddress)
      frames.searchTableEdit?(&table)
      let tableBytes = table.encoded(at: address)
      bytes += tableBytes.prefix(room)
      bytes += [UInt8](repeating: 0, count: max(0, room - tableBytes.count))
      if let tableSection { place(&bytes, section: tableSection, address, prefix.count, tableBytes.count) }
      if let tableSegment {
        place(
          &bytes, segment: tableSegment, kind: 0x6474_e550, address &+ table.segmentDistance, prefix.count,
          tableBytes.count)
      }
    } else {
      // Neither section nor segment: a name that is none, and a kind that nothing reads.
      if let tableSection { bytes.write(little: UInt32(0), at: tableSection) }
      if let tableSegment { bytes.write(little: UInt32(0), at: tableSegment) }
    }
    bytes += encoded.bytes
    place(&bytes, section: frameSection, frameAddress, prefix.count + room, encoded.bytes.count)
    place(
      &bytes, segment: loadHeader, kind: ProgramHeader.Kind.load.rawValue, address, prefix.count,
      bytes.count - prefix.count)
    return Result(bytes: bytes, fdeOffsets: encoded.fdeOffsets)
  }

  private static func searchTable(
    of frames: EditableFrames, _ encoded: EncodedFrames, at address: UInt64
  ) -> EditableSearchTable {
    var seen: Set<UInt64> = []
    var entries: [EditableSearchTable.Entry] = []
    for (fde, offset) in zip(frames.fdes, encoded.fdeOffsets) {
      guard let offset, fde.size > 0, seen.insert(fde.start).inserted else { continue }
      entries.append(EditableSearchTable.Entry(address: fde.start, fdeAddress: address &+ UInt64(offset)))
    }
    entries.sort { $0.address < $1.address }
    return EditableSearchTable(ehFrameAddress: address, declaredCount: UInt32(entries.count), entries: entries)
  }

  private func place(_ bytes: inout [UInt8], section: Int, _ address: UInt64, _ offset: Int, _ size: Int) {
    bytes.write(little: address, at: section + 16)
    bytes.write(little: UInt64(offset), at: section + 24)
    bytes.write(little: UInt64(size), at: section + 32)
  }

  private func place(
    _ bytes: inout [UInt8], segment: Int, kind: UInt32, _ address: UInt64, _ offset: Int, _ size: Int
  ) {
    bytes.write(little: kind, at: segment)
    bytes.write(little: UInt32(4), at: segment + 4)
    bytes.write(little: UInt64(offset), at: segment + 8)
    bytes.write(little: address, at: segment + 16)
    bytes.write(little: address, at: segment + 24)
    bytes.write(little: UInt64(size), at: segment + 32)
    bytes.write(little: UInt64(size), at: segment + 40)
    bytes.write(little: kind == ProgramHeader.Kind.load.rawValue ? Self.page : 4, at: segment + 48)
  }
}
