/// A Common Information Entry: what many FDEs share (DWARF 5, §6.4.1; LSB Core, "The Common Information Entry").
public struct CIE: Sendable, Hashable {
  /// Offset in the section of its length field.
  public let offset: Int
  /// Size of the whole record in bytes, length field included.
  public let length: Int
  /// Whether it is in 64-bit DWARF (length 0xffffffff, then 8 bytes).
  public let isDWARF64: Bool
  /// Whether its FDEs, in 64-bit `.eh_frame`, point to it with 8 bytes rather than 4.
  let hasWidePointer: Bool
  /// 1, 3, 4 or 5.
  public let version: UInt8
  /// The augmentation as written: "zR", "zPLR", "zRS", "eh", or empty.
  public let augmentation: String
  /// Size of an address in bytes: 1, 2, 4 or 8.
  public let addressSize: UInt8
  /// Size of the segment selector before each FDE's address, in bytes; 0 for none.
  public let segmentSelectorSize: UInt8
  /// What advances are multiplied by.
  public let codeAlignment: UInt64
  /// What factored offsets are multiplied by; −8 on x86-64.
  public let dataAlignment: Int64
  /// The register whose rule finds the return address; 16 on x86-64.
  public let returnAddressRegister: UInt16
  /// How its FDEs' addresses are written ("R").
  public let pointerEncoding: PointerEncoding
  /// How its FDEs' LSDA pointers are written ("L"), nil where they have none.
  public let lsdaEncoding: PointerEncoding?
  /// The personality routine ("P"), nil where there is none.
  public let personality: EncodedPointer?
  /// Whether the frames were interrupted rather than made a call ("S"): callers then look up pc, not pc − 1.
  public let isSignalFrame: Bool
  /// "B": return addresses are signed with the B key (AArch64).
  public let usesBKey: Bool
  /// Where its initial instructions lie in the section.
  public let instructions: Range<Int>

  /// Whether its FDEs have augmentation data behind a length ("z").
  public var hasAugmentationData: Bool { augmentation.utf8.contains(UInt8(ascii: "z")) }
}

/// A Frame Description Entry: the rows of one range of addresses (DWARF 5, §6.4.1).
public struct FDE: Sendable, Hashable {
  /// Offset in the section of its length field.
  public let offset: Int
  /// Size of the whole record in bytes, length field included.
  public let length: Int
  /// Index of its CIE: in `CallFrameTable.cies`, or in `CallFrameRecords.cies` where it comes from there.
  public internal(set) var cieIndex: Int
  /// Index of its section in `CallFrameTable.sections`; 0 in `CallFrameRecords`.
  public internal(set) var sectionIndex: Int
  /// The segment selector, 0 where the CIE has none.
  public let segmentSelector: UInt64
  /// The addresses it covers, possibly none.
  public let addresses: Range<UInt64>
  /// The language's data, nil where there is none.
  public let lsda: EncodedPointer?
  /// Bytes of its augmentation data behind the pointer to that.
  package let unreadAugmentation: Int
  /// Where its instructions lie in the section.
  public let instructions: Range<Int>
}

/// One record of a section, or what is in its place.
public enum CallFrameRecord: Sendable, Hashable {
  /// A CIE.
  case cie(CIE)
  /// An FDE.
  case fde(FDE)
  /// A length of 0, which ends `.eh_frame` for those who read it without a search table. What follows is still read.
  case terminator(offset: Int)
  /// A record that cannot be read.
  case defect(CallFrameError)
}
