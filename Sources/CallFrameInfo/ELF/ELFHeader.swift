/// The header of an ELF64 little-endian x86-64 file (gABI, chapter 4), checked as far as it stands alone.
public struct ELFHeader: Sendable, Hashable {
  /// `e_type`.
  public struct FileType: RawRepresentable, Sendable, Hashable {
    /// The number in the file.
    public let rawValue: UInt16
    /// The type with this number.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// ET_REL, an object file.
    public static let relocatable = FileType(rawValue: 1)
    /// ET_EXEC, a program at fixed addresses.
    public static let executable = FileType(rawValue: 2)
    /// ET_DYN, a library or a program that loads anywhere.
    public static let shared = FileType(rawValue: 3)
    /// ET_CORE.
    public static let core = FileType(rawValue: 4)
  }

  /// Size of the header in bytes.
  public static let size: UInt64 = 64
  /// PN_XNUM in `e_phnum`: the count is in `sh_info` of section 0. Cores of more than 65,534 mappings have it.
  static let extendedCount: UInt16 = 0xffff

  /// What kind of file it is.
  public let type: FileType
  /// Virtual address of the entry point, 0 for none.
  public let entry: UInt64
  /// Offset of the program headers, 0 for none.
  public let programHeaderOffset: UInt64
  /// Size of one of them in bytes.
  public let programHeaderSize: UInt16
  /// Their number. (Taken from section 0 when `e_phnum` is PN_XNUM.)
  public let programHeaderCount: UInt32
  /// Offset of the section headers, 0 for none.
  public let sectionHeaderOffset: UInt64
  /// Size of one of them in bytes (`e_shentsize`).
  public let sectionHeaderSize: UInt16
  /// `e_shnum`; 0 with a table means that section 0 has the number.
  let sectionHeaderCount: UInt16
  /// `e_shstrndx`; SHN_XINDEX means that section 0 has the index.
  let sectionNameTable: UInt16

  /// Reads and checks the header at offset 0.
  ///
  /// - Throws: `empty`, `notELF`, `truncated`, `otherClass`, `otherMachine` or `malformed`.
  public init(reading source: some ByteSource) throws(ELFError) {
    let bytes = source.bytes(at: 0, count: Self.size)
    func fail(_ code: ELFError.Code, at offset: UInt64, _ text: String) -> ELFError {
      ELFError(code, source: source.name, offset: offset, text)
    }
    guard !bytes.isEmpty else { throw fail(.empty, at: 0, "empty, expected an ELF file") }
    guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else {
      throw fail(.notELF, at: 0, "not an ELF file: it does not start with 7f 45 4c 46")
    }
    if bytes.count > 4, bytes[4] != 2 {
      let text = bytes[4] == 1 ? "a 32-bit ELF file" : "ELF class \(bytes[4])"
      throw fail(.otherClass, at: 4, "\(text), expected 64-bit x86-64")
    }
    if bytes.count > 5, bytes[5] != 1 {
      let text = bytes[5] == 2 ? "a big-endian ELF file" : "ELF data encoding \(bytes[5])"
      throw fail(.otherClass, at: 5, "\(text), expected little-endian x86-64")
    }
    if let machine: UInt16 = bytes.littleEndian(18), machine != 62 {
      throw fail(.otherMachine, at: 18, "an ELF file for \(Self.machineName(machine)), expected x86-64")
    }
    guard let type: UInt16 = bytes.littleEndian(16), let entry: UInt64 = bytes.littleEndian(24),
      let programHeaderOffset: UInt64 = bytes.littleEndian(32),
      let sectionHeaderOffset: UInt64 = bytes.littleEndian(40),
      let programHeaderSize: UInt16 = bytes.littleEndian(54), let count: UInt16 = bytes.littleEndian(56),
      let sectionHeaderSize: UInt16 = bytes.littleEndian(58), let sectionCount: UInt16 = bytes.littleEndian(60),
      let sectionNameTable: UInt16 = bytes.littleEndian(62),
      UInt64(bytes.count) == Self.size
    else { throw fail(.truncated, at: 0, "truncated: \(bytes.count) of the \(Self.size) bytes of its ELF header") }
    if count != 0, UInt64(programHeaderSize) < ProgramHeader.size {
      throw fail(.malformed, at: 54, "program headers of \(programHeaderSize) bytes, expected \(ProgramHeader.size)")
    }
    self.type = FileType(rawValue: type)
    self.entry = entry
    self.programHeaderOffset = programHeaderOffset
    self.programHeaderSize = programHeaderSize
    self.sectionHeaderOffset = sectionHeaderOffset
    self.sectionHeaderSize = sectionHeaderSize
    sectionHeaderCount = sectionCount
    self.sectionNameTable = sectionNameTable
    if count == Self.extendedCount {
      let (field, overflow) = sectionHeaderOffset.addingReportingOverflow(44)
      guard !overflow, sectionHeaderOffset != 0,
        let extended: UInt32 = source.bytes(at: field, count: 4).littleEndian(0)
      else {
        throw fail(.truncated, at: 56, "the number of its program headers is in section 0, which is not in the file")
      }
      programHeaderCount = extended
    } else {
      programHeaderCount = UInt32(count)
    }
  }

  /// - Throws: `otherType` if the file is none of `types`; `wanted` says what it should have been.
  public func require(_ types: Set<FileType>, wanted: String, in source: some ByteSource) throws(ELFError) {
    if types.contains(type) { return }
    throw ELFError(.otherType, source: source.name, offset: 16, "\(type), expected \(wanted)")
  }

  /// The common ones by name, others by number (gABI, `e_machine`).
  static func machineName(_ machine: UInt16) -> String {
    switch machine {
    case 3: "i386"
    case 8: "MIPS"
    case 20: "PowerPC"
    case 21: "PowerPC64"
    case 22: "S/390"
    case 40: "ARM"
    case 183: "AArch64"
    case 243: "RISC-V"
    case 258: "LoongArch"
    default: "machine \(machine)"
    }
  }
}

extension ELFHeader.FileType: CustomStringConvertible {
  /// With its article, as messages use it.
  public var description: String {
    switch self {
    case .relocatable: "an object file"
    case .executable: "an executable"
    case .shared: "a shared object or executable"
    case .core: "a core"
    default: "an ELF file of type \(rawValue)"
    }
  }
}
