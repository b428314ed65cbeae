/// A part of a process's memory as a PT_LOAD segment.
struct CoreSegment: Equatable {
  /// Its addresses.
  let range: Range<UInt64>
  /// How many bytes from its start on are in the file.
  let fileSize: UInt64
  /// PF_X 1, PF_W 2, PF_R 4.
  let flags: UInt32
}

/// Where everything lies in a core: headers, segments in their order, notes.
///
/// Notes come last, since those of fibers are known only when the process runs again and its memory can be walked in
/// the file.
struct CoreLayout {
  private static let headerSize: UInt64 = 64
  private static let programHeaderSize: UInt64 = 56
  private static let sectionHeaderSize: UInt64 = 64
  private static let pageSize: UInt64 = 4096
  /// PN_XNUM: the number of program headers is in section 0 (gABI, chapter 4; the kernel's fs/binfmt_elf.c).
  private static let extendedCount = 0xffff

  let segments: [CoreSegment]
  /// Offset of each segment's bytes in the file.
  let offsets: [UInt64]
  /// Where the notes begin.
  let notes: UInt64

  /// O(segments).
  init(_ segments: [CoreSegment]) {
    self.segments = segments
    let headers = UInt64(segments.count + 1) * Self.programHeaderSize
    let section = segments.count + 1 >= Self.extendedCount ? Self.sectionHeaderSize : 0
    var position = Self.headerSize + headers + section
    var offsets: [UInt64] = []
    offsets.reserveCapacity(segments.count)
    for segment in segments {
      // p_offset and p_vaddr are equal within a page; those of damaged cores begin anywhere.
      position = (position + Self.pageSize - 1) & ~(Self.pageSize - 1) | segment.range.lowerBound & (Self.pageSize - 1)
      offsets.append(position)
      position += segment.fileSize
    }
    self.offsets = offsets
    notes = (position + 3) & ~3
  }

  /// What the file begins with: ELF header, program headers, and section 0 where there are too many of them to count
  /// otherwise.
  ///
  /// - Parameter noteSize: size of the notes in bytes.
  func headers(noteSize: Int) -> [UInt8] {
    let count = segments.count + 1
    let isExtended = count >= Self.extendedCount
    let sectionOffset = isExtended ? Self.headerSize + UInt64(count) * Self.programHeaderSize : 0
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(Self.headerSize) + count * Int(Self.programHeaderSize))
    // ELFCLASS64, ELFDATA2LSB, EV_CURRENT, ELFOSABI_NONE.
    bytes += [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
    bytes.append(littleEndian: UInt16(4))  // ET_CORE
    bytes.append(littleEndian: UInt16(62))  // EM_X86_64
    bytes.append(littleEndian: UInt32(1))  // EV_CURRENT
    bytes.append(littleEndian: UInt64(0))  // e_entry
    bytes.append(littleEndian: Self.headerSize)  // e_phoff
    bytes.append(littleEndian: sectionOffset)
    bytes.append(littleEndian: UInt32(0))  // e_flags
    bytes.append(littleEndian: UInt16(Self.headerSize))
    bytes.append(littleEndian: UInt16(Self.programHeaderSize))
    bytes.append(littleEndian: UInt16(isExtended ? Self.extendedCount : count))
    bytes.append(littleEndian: UInt16(isExtended ? Self.sectionHeaderSize : 0))
    bytes.append(littleEndian: UInt16(isExtended ? 1 : 0))  // e_shnum
    bytes.append(littleEndian: UInt16(0))  // e_shstrndx

    Self.append(
      to: &bytes, kind: 4, flags: 0, offset: notes, address: 0, fileSize: UInt64(noteSize), memorySize: 0, alignment: 4)
    for (segment, offset) in zip(segments, offsets) {
      Self.append(
        to: &bytes, kind: 1, flags: segment.flags, offset: offset, address: segment.range.lowerBound,
        fileSize: segment.fileSize, memorySize: segment.range.upperBound - segment.range.lowerBound,
        alignment: Self.pageSize)
    }
    if isExtended {
      var section = [UInt8](repeating: 0, count: Int(Self.sectionHeaderSize))
      section.set(littleEndian: UInt32(1), at: 32)  // sh_size: the number of sections
      section.set(littleEndian: UInt32(count), at: 44)  // sh_info
      bytes += section
    }
    return bytes
  }

  /// Appends a program header.
  static func append(
    to bytes: inout [UInt8], kind: UInt32, flags: UInt32, offset: UInt64, address: UInt64, fileSize: UInt64,
    memorySize: UInt64, alignment: UInt64
  ) {
    bytes.append(littleEndian: kind)
    bytes.append(littleEndian: flags)
    bytes.append(littleEndian: offset)
    bytes.append(littleEndian: address)
    bytes.append(littleEndian: UInt64(0))  // p_paddr
    bytes.append(littleEndian: fileSize)
    bytes.append(littleEndian: memorySize)
    bytes.append(littleEndian: alignment)
  }
}
