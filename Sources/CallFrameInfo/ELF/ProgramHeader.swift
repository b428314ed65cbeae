/// One segment (gABI, chapter 5). Nothing in it is checked: ranges come as optionals that are nil where they overflow.
public struct ProgramHeader: Sendable, Hashable {
  /// `p_type`.
  public struct Kind: RawRepresentable, Sendable, Hashable {
    /// The number in the file.
    public let rawValue: UInt32
    /// The kind with this number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// PT_LOAD.
    public static let load = Kind(rawValue: 1)
    /// PT_DYNAMIC.
    public static let dynamic = Kind(rawValue: 2)
    /// PT_NOTE.
    public static let note = Kind(rawValue: 4)
    /// PT_GNU_EH_FRAME.
    public static let ehFrame = Kind(rawValue: 0x6474_e550)
  }

  /// Size of one in the file, in bytes.
  public static let size: UInt64 = 56

  /// What the segment is.
  public let kind: Kind
  /// `p_flags`: PF_X 1, PF_W 2, PF_R 4.
  public let flags: UInt32
  /// `p_offset`.
  public let fileOffset: UInt64
  /// `p_vaddr`.
  public let virtualAddress: UInt64
  /// `p_filesz`, in bytes.
  public let fileSize: UInt64
  /// `p_memsz`, in bytes.
  public let memorySize: UInt64
  /// `p_align`.
  public let alignment: UInt64

  /// PF_X.
  public var isExecutable: Bool { flags & 1 != 0 }
  /// PF_W.
  public var isWritable: Bool { flags & 2 != 0 }

  /// Where its bytes lie in the file, nil if the end is beyond 64 bits.
  public var fileRange: Range<UInt64>? { Self.range(fileOffset, fileSize) }
  /// Its virtual addresses, nil if the end is beyond 64 bits.
  public var virtualRange: Range<UInt64>? { Self.range(virtualAddress, memorySize) }

  private static func range(_ start: UInt64, _ size: UInt64) -> Range<UInt64>? {
    let (end, overflow) = start.addingReportingOverflow(size)
    return overflow ? nil : start..<end
  }
}

extension ELFHeader {
  /// The program headers in file order. O(their number), which the source's size bounds.
  ///
  /// - Throws: `truncated` if not all of them are in the source, `malformed` if they are more than any file has.
  public func programHeaders(in source: some ByteSource) throws(ELFError) -> [ProgramHeader] {
    guard programHeaderCount != 0 else { return [] }
    guard programHeaderCount <= Self.mostHeaders else {
      throw ELFError(
        .malformed, source: source.name, offset: 56,
        "\(programHeaderCount) segments, expected at most \(Self.mostHeaders)")
    }
    let stride = UInt64(programHeaderSize)
    let size = stride * UInt64(programHeaderCount)
    let bytes = source.bytes(at: programHeaderOffset, count: size)
    guard UInt64(bytes.count) == size else {
      throw ELFError(
        .truncated, source: source.name, offset: programHeaderOffset,
        "truncated: \(bytes.count) of the \(size) bytes of its \(programHeaderCount) program headers")
    }
    return (0..<Int(programHeaderCount)).compactMap { ProgramHeader(bytes, at: $0 * Int(stride)) }
  }
}

extension ProgramHeader {
  /// The one at `offset` in `bytes`, nil where they end inside it.
  init?(_ bytes: [UInt8], at offset: Int) {
    guard let kind: UInt32 = bytes.littleEndian(offset), let flags: UInt32 = bytes.littleEndian(offset + 4),
      let fileOffset: UInt64 = bytes.littleEndian(offset + 8),
      let virtualAddress: UInt64 = bytes.littleEndian(offset + 16),
      let fileSize: UInt64 = bytes.littleEndian(offset + 32), let memorySize: UInt64 = bytes.littleEndian(offset + 40),
      let alignment: UInt64 = bytes.littleEndian(offset + 48)
    else { return nil }
    self.kind = Kind(rawValue: kind)
    self.flags = flags
    self.fileOffset = fileOffset
    self.virtualAddress = virtualAddress
    self.fileSize = fileSize
    self.memorySize = memorySize
    self.alignment = alignment
  }
}
