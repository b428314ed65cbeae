@testable import CallFrameInfo

/// Builds an ELF file with sections, byte by byte, whether or not it makes sense.
struct ELFImage {
  struct Part {
    var name: String
    var kind: Section.Kind = .programBits
    var flags: UInt64 = 0
    var address: UInt64 = 0
    var bytes: [UInt8] = []
    /// `sh_size`, if it is not the number of bytes.
    var size: UInt64?
    /// `sh_offset`, if it is not where the bytes are.
    var offset: UInt64?
    var link: UInt32 = 0
    var info: UInt32 = 0
    var alignment: UInt64 = 1
    var entrySize: UInt64 = 0
  }

  var type: UInt16 = 1
  /// Section 1 and so on; the name table comes behind them.
  var parts: [Part] = []
  /// Kind and flags, offset, virtual address, file size, memory size, alignment.
  var segments: [[UInt64]] = []
  /// Counts and index are in section 0, as for 65,280 sections and more.
  var isExtended = false
  /// The name table's bytes, if they are not what names need.
  var names: [UInt8]?
  /// Overrides `e_shnum`.
  var count: UInt16?

  /// The file.
  var bytes: [UInt8] {
    var file = ELFBytes(type: type, segments: segments)
    var offsets: [UInt64] = []
    for part in parts {
      offsets.append(UInt64(file.bytes.count))
      file.bytes += part.bytes
    }
    var table: [UInt8] = [0]
    var nameOffsets: [UInt32] = []
    for name in parts.map(\.name) + [".shstrtab"] {
      nameOffsets.append(UInt32(table.count))
      table += Array(name.utf8) + [0]
    }
    let tableOffset = UInt64(file.bytes.count)
    let table0 = names ?? table
    file.bytes += table0
    let headers = UInt64(file.bytes.count)
    let total = parts.count + 2
    file.section(
      name: 0, kind: .null, size: isExtended ? UInt64(total) : 0, link: isExtended ? UInt32(total - 1) : 0)
    for (index, part) in parts.enumerated() {
      file.section(
        name: nameOffsets[index], kind: part.kind, flags: part.flags, address: part.address,
        offset: part.offset ?? offsets[index], size: part.size ?? UInt64(part.bytes.count), link: part.link,
        info: part.info, alignment: part.alignment, entrySize: part.entrySize)
    }
    file.section(
      name: nameOffsets[parts.count], kind: .strings, offset: tableOffset, size: UInt64(table0.count))
    file.set(40, headers)
    file.set(58, UInt16(64))
    file.set(60, count ?? (isExtended ? 0 : UInt16(total)))
    file.set(62, isExtended ? 0xffff : UInt16(total - 1))
    return file.bytes
  }

  /// The file opened.
  func open(decompress: Decompressor? = nil) throws(ELFError) -> ELFFile {
    try ELFFile(reading: ByteArray(bytes, name: "test.o"), decompress: decompress)
  }

  /// The error of opening it, nil if there is none.
  var error: ELFError? {
    do {
      _ = try open()
      return nil
    } catch {
      return error
    }
  }
}

extension ELFBytes {
  mutating func set<Value: FixedWidthInteger>(_ offset: Int, _ value: Value) {
    for index in 0..<Value.bitWidth / 8 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
  }

  mutating func section(
    name: UInt32, kind: Section.Kind, flags: UInt64 = 0, address: UInt64 = 0, offset: UInt64 = 0, size: UInt64 = 0,
    link: UInt32 = 0, info: UInt32 = 0, alignment: UInt64 = 1, entrySize: UInt64 = 0
  ) {
    append(name)
    append(kind.rawValue)
    for value in [flags, address, offset, size] { append(value) }
    append(link)
    append(info)
    append(alignment)
    append(entrySize)
  }

  /// Elf64_Sym.
  mutating func symbol(name: UInt32 = 0, info: UInt8 = 0, section: UInt16, value: UInt64, size: UInt64 = 0) {
    append(name)
    append(info)
    append(0 as UInt8)
    append(section)
    append(value)
    append(size)
  }

  /// Elf64_Rela, or Elf64_Rel without an addend.
  mutating func relocation(at offset: UInt64, type: UInt32, symbol: UInt32, addend: Int64?) {
    append(offset)
    append(UInt64(symbol) << 32 | UInt64(type))
    if let addend { append(addend) }
  }

  /// No bytes yet: for tables.
  static var nothing: ELFBytes {
    var bytes = ELFBytes()
    bytes.bytes = []
    return bytes
  }
}
