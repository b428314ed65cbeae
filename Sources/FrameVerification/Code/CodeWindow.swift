package import CallFrameInfo
internal import Instructions

/// Bytes of a code section, read in pieces.
package struct CodeWindow {
  private static let size = 1 << 16

  private let file: ELFFile
  /// What it reads.
  package let section: CodeSection
  /// Address of the first of `bytes`.
  package private(set) var start: UInt64
  package private(set) var bytes: [UInt8]

  package init(_ section: CodeSection, of file: ELFFile) {
    self.file = file
    self.section = section
    start = section.addresses.lowerBound
    bytes = section.relocated ?? []
  }

  /// The offset in `bytes` of `address`, behind which the longest instruction has room unless the section ends; nil where the
  /// file has no byte for it.
  package mutating func offset(of address: UInt64) -> Int? {
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
