internal import CallFrameInfo
internal import Instructions

/// A stretch of addresses that hold instructions, with its name.
struct CodeSection {
  /// The section's name; of a segment "segment 2".
  var name: String
  /// Its addresses.
  var addresses: Range<UInt64>
  /// Its bytes where they are not simply those of the file: of a relocatable file, with relocations applied.
  var relocated: [UInt8]?
  /// Fields of a relocatable file whose value a linker makes, ascending.
  var unresolved: [UnresolvedField] = []
}

extension CodeSection {
  /// The symbol that the instruction at `address` refers to and the file does not define. O(log n).
  func unresolvedSymbol(at address: UInt64, count: Int) -> String? {
    guard !unresolved.isEmpty else { return nil }
    let offset = address &- addresses.lowerBound
    let index = unresolved.firstIndexAbove(offset) { $0.offset }
    guard index < unresolved.count, unresolved[index].offset - offset < UInt64(count) else { return nil }
    return unresolved[index].symbol
  }
}

/// Bytes of a code section, read in pieces.
struct CodeWindow {
  private static let size = 1 << 16

  private let file: ELFFile
  /// What it reads.
  let section: CodeSection
  /// Address of the first of `bytes`.
  private(set) var start: UInt64
  private(set) var bytes: [UInt8]

  init(_ section: CodeSection, of file: ELFFile) {
    self.file = file
    self.section = section
    start = section.addresses.lowerBound
    bytes = section.relocated ?? []
  }

  /// The offset in `bytes` of `address`, behind which the longest instruction has room unless the section ends; nil where the
  /// file has no byte for it.
  mutating func offset(of address: UInt64) -> Int? {
    let end = start &+ UInt64(bytes.count)
    let wanted = min(UInt64(Disassembler.longestInstruction), section.addresses.upperBound &- address)
    if address >= start, address < end, end - address >= wanted { return Int(address - start) }
    guard section.relocated == nil, section.addresses.contains(address) else {
      return address >= start && address < end ? Int(address - start) : nil
    }
    start = address
    bytes = file.bytes(
      atAddress: address, count: Int(clamping: min(UInt64(Self.size), section.addresses.upperBound - address)))
    return bytes.isEmpty ? nil : 0
  }
}
