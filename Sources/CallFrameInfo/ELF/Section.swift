/// One section (gABI, chapter 4, "Sections"). Nothing in it is checked: ranges come as optionals that are nil where they overflow.
public struct Section: Sendable, Hashable {
  /// `sh_type`.
  public struct Kind: RawRepresentable, Sendable, Hashable {
    /// The number in the file.
    public let rawValue: UInt32
    /// The kind with this number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// SHT_NULL: not in use.
    public static let null = Kind(rawValue: 0)
    /// SHT_PROGBITS.
    public static let programBits = Kind(rawValue: 1)
    /// SHT_SYMTAB: all symbols.
    public static let symbols = Kind(rawValue: 2)
    /// SHT_STRTAB.
    public static let strings = Kind(rawValue: 3)
    /// SHT_RELA: relocations with addends.
    public static let relocationsWithAddends = Kind(rawValue: 4)
    /// SHT_NOTE.
    public static let note = Kind(rawValue: 7)
    /// SHT_NOBITS: addresses, but no bytes in the file. In a separate debug file all that is loaded is so.
    public static let noBits = Kind(rawValue: 8)
    /// SHT_REL: relocations whose addends are in the fields they change.
    public static let relocations = Kind(rawValue: 9)
    /// SHT_DYNSYM: symbols for the dynamic linker.
    public static let dynamicSymbols = Kind(rawValue: 11)
    /// SHT_GROUP: members that a linker keeps or drops together.
    public static let group = Kind(rawValue: 17)
    /// SHT_SYMTAB_SHNDX: section indexes of symbols beyond 16 bits.
    public static let extendedIndexes = Kind(rawValue: 18)
    /// SHT_X86_64_UNWIND (psABI): what clang makes of `.eh_frame`.
    public static let unwind = Kind(rawValue: 0x7000_0001)
  }

  /// Size of a section header in bytes.
  public static let headerSize: UInt64 = 64

  /// Its place in the table. 0 is not a section.
  public let index: Int
  /// Its name; empty if the name table does not hold one with its end at that place.
  public let name: String
  /// What it holds.
  public let kind: Kind
  /// `sh_flags`.
  public let flags: UInt64
  /// `sh_addr`; in a relocatable file the address `ELFFile` assigned to it. 0 if it is not loaded.
  public internal(set) var address: UInt64
  /// `sh_offset`.
  public let fileOffset: UInt64
  /// `sh_size`: bytes in the file, or of memory where there are none in the file. Not the size after decompression.
  public let size: UInt64
  /// `sh_link`: another section's index, by kind.
  public let link: UInt32
  /// `sh_info`: by kind; for relocations the index of the section they change.
  public let info: UInt32
  /// `sh_addralign`; 0 and 1 mean none.
  public let alignment: UInt64
  /// `sh_entsize`, 0 if it is not a table.
  public let entrySize: UInt64

  /// SHF_WRITE.
  public var isWritable: Bool { flags & 0x1 != 0 }
  /// SHF_ALLOC: it is in memory when the file is loaded.
  public var isAllocated: Bool { flags & 0x2 != 0 }
  /// SHF_EXECINSTR.
  public var isExecutable: Bool { flags & 0x4 != 0 }
  /// SHF_GROUP: a member of a group.
  public var isGroupMember: Bool { flags & 0x200 != 0 }
  /// SHF_TLS: a template, whose addresses other sections may have too.
  public var isThreadLocal: Bool { flags & 0x400 != 0 }
  /// SHF_COMPRESSED.
  public var isCompressed: Bool { flags & 0x800 != 0 }
  /// The file has bytes for it.
  public var hasBytes: Bool { kind != .noBits && kind != .null }

  /// Its addresses, nil if it is not loaded or its end is beyond 64 bits.
  public var range: Range<UInt64>? { isAllocated ? Self.range(address, size) : nil }
  /// Where its bytes lie in the file, nil if there are none or their end is beyond 64 bits.
  public var fileRange: Range<UInt64>? { hasBytes ? Self.range(fileOffset, size) : nil }

  private static func range(_ start: UInt64, _ size: UInt64) -> Range<UInt64>? {
    let (end, overflow) = start.addingReportingOverflow(size)
    return overflow ? nil : start..<end
  }
}

extension Section {
  /// The one whose header is at `offset` in `bytes`, nil where they end inside it.
  init?(_ bytes: [UInt8], at offset: Int, index: Int, name: String) {
    guard let kind: UInt32 = bytes.littleEndian(offset + 4), let flags: UInt64 = bytes.littleEndian(offset + 8),
      let address: UInt64 = bytes.littleEndian(offset + 16), let fileOffset: UInt64 = bytes.littleEndian(offset + 24),
      let size: UInt64 = bytes.littleEndian(offset + 32), let link: UInt32 = bytes.littleEndian(offset + 40),
      let info: UInt32 = bytes.littleEndian(offset + 44), let alignment: UInt64 = bytes.littleEndian(offset + 48),
      let entrySize: UInt64 = bytes.littleEndian(offset + 56)
    else { return nil }
    self.index = index
    self.name = name
    self.kind = Kind(rawValue: kind)
    self.flags = flags
    self.address = address
    self.fileOffset = fileOffset
    self.size = size
    self.link = link
    self.info = info
    self.alignment = alignment
    self.entrySize = entrySize
  }
}
