import Testing

@testable import CallFrameInfo

/// Files that are mostly hole: a terabyte that takes no room on disk.
@Suite struct SparseFileTests {
  /// Some bytes and zeros behind them. Whoever asks for gigabytes gets none, and is remembered.
  private final class Sparse: ByteSource, @unchecked Sendable {
    let name = "sparse"
    let contents: [UInt8]
    let size: UInt64 = 1 << 40
    private(set) var most: UInt64 = 0

    init(_ contents: [UInt8]) { self.contents = contents }

    func bytes(at offset: UInt64, count: UInt64) -> [UInt8] {
      guard offset < size else { return [] }
      let count = min(count, size - offset)
      most = max(most, count)
      guard count <= 1 << 30 else { return [] }
      let start = Int(min(offset, UInt64(contents.count)))
      let there = contents[start..<min(contents.count, start + Int(count))]
      return there + [UInt8](repeating: 0, count: Int(count) - there.count)
    }
  }

  private let text = ELFImage.Part(name: ".text", flags: 6, bytes: [1, 2, 3])

  @Test(arguments: [".symtab", ".eh_frame", ".debug_frame"])
  func aSectionOfGigabytesIsNotReadWhole(_ name: String) throws {
    let source = Sparse(
      ELFImage(
        type: 3,
        parts: [
          text,
          .init(
            name: name, kind: name == ".symtab" ? .symbols : .programBits, flags: 2, size: 24 << 30, link: 3,
            entrySize: 24),
          .init(name: ".strtab", kind: .strings, bytes: [0]),
        ]
      ).bytes)
    let file = try ELFFile(reading: source)
    let section = try #require(file.section(named: name))
    let error = #expect(throws: ELFError.self) { try file.contents(of: section) }
    #expect(error?.code == .unsupported && error?.section == name)
    if name == ".symtab" { #expect(throws: ELFError.self) { try file.symbols() } }
    var problems: [ELFError] = []
    #expect(CallFrameTable(of: file, problems: &problems).fdes.isEmpty)
    #expect(problems.count == (name == ".symtab" ? 0 : 1))
    #expect(source.most <= 1 << 30)
  }

  @Test func billionsOfSectionsAreNone() throws {
    var image = ELFImage(parts: [text], isExtended: true)
    image.count = 0
    var bytes = image.bytes
    // sh_size of section 0, the first of the three headers.
    let zero = bytes.count - 3 * 64
    for (index, byte) in [0, 0, 0, 0, 1].enumerated() { bytes[zero + 32 + index] = UInt8(byte) }
    let source = Sparse(bytes)
    let error = #expect(throws: ELFError.self) { try ELFFile(reading: source) }
    #expect(error?.code == .malformed)
    #expect(source.most <= 1 << 30)
  }

  @Test func billionsOfSegmentsAreNone() throws {
    var image = ELFImage(parts: [text])
    image.type = 3
    var bytes = image.bytes
    // e_phoff, and e_phnum PN_XNUM: the number is sh_info of section 0.
    bytes[32] = 64
    (bytes[54], bytes[56], bytes[57]) = (56, 0xff, 0xff)
    let zero = bytes.count - 3 * 64
    bytes[zero + 44 + 3] = 0x7f
    let source = Sparse(bytes)
    let error = #expect(throws: ELFError.self) { try ELFFile(reading: source) }
    #expect(error?.code == .malformed)
    #expect(source.most <= 1 << 30)
  }
}
