import Testing

@testable import CallFrameInfo

@Suite struct CompressionTests {
  private func file(
    format: UInt32 = 1, size: UInt64, bytes: [UInt8] = [7, 8], decompress: Decompressor? = nil
  ) throws -> ELFFile {
    var part = ELFBytes.nothing
    part.append(format)
    part.append(0 as UInt32)
    part.append(size)
    part.append(1 as UInt64)
    part.bytes += bytes
    return try ELFImage(parts: [.init(name: ".debug_frame", flags: 0x800, bytes: part.bytes)])
      .open(decompress: decompress)
  }

  private func error(_ file: ELFFile) -> ELFError? {
    #expect(throws: ELFError.self) { try file.contents(of: file.sections[1]) }
  }

  /// As many bytes as wanted, all the sum of the compressed.
  private let sums = Decompressor([.zlib, .zstd]) { bytes, _, size in
    [UInt8](repeating: bytes.reduce(0, &+), count: size)
  }

  @Test func theDecompressorMakesTheContents() throws {
    let file = try file(size: 3, decompress: sums)
    #expect(try file.contents(of: file.sections[1]) == [15, 15, 15])
    #expect(try file.storedBytes(of: file.sections[1]).count == 26)
  }

  @Test func aSizeNoCompressionReachesIsRefused() throws {
    #expect(throws: Never.self) { try file(size: 2064, decompress: sums).contents(of: file(size: 2064).sections[1]) }
    let large = error(try file(size: 2065, decompress: sums))
    #expect(large?.text == "2 compressed bytes for 2065, more than their format can hold")
    #expect(error(try file(size: .max, decompress: sums))?.code == .malformed)
    #expect(error(try file(format: 2, size: 65_537, decompress: sums))?.code == .malformed)
    #expect(throws: Never.self) {
      try file(format: 2, size: 65_536, decompress: sums).contents(of: file(size: 1).sections[1])
    }
  }

  @Test func sectionsOfOneFileAreKeptUpToASum() throws {
    func part(_ size: UInt64) -> ELFImage.Part {
      var part = ELFBytes.nothing
      part.append(1 as UInt32)
      part.append(0 as UInt32)
      part.append(size)
      part.append(1 as UInt64)
      part.bytes += [0, 0]
      return .init(name: ".debug_frame", flags: 0x800, bytes: part.bytes)
    }
    let file = try ELFImage(parts: [part(600), part(500), part(400)]).open(decompress: sums)
    var problems: [ELFError] = []
    let kept = CallFrameTable.sections(of: file, problems: &problems, mostBytes: 1000)
    #expect(kept.map(\.bytes.count) == [600, 400])
    #expect(problems.map(\.text) == ["section 2 of 500 bytes, where at most 1000 of all such are read"])
  }

  @Test func whatCannotBeUndoneSaysWhy() throws {
    #expect(error(try file(size: 3))?.text == "compressed by zlib, which nothing here undoes")
    #expect(
      error(try file(format: 9, size: 3, decompress: sums))?.text
        == "compressed by format 9, expected zlib or zstd")
    let other = Decompressor([.zlib]) { _, _, size in [UInt8](repeating: 0, count: size) }
    let zstd = error(try file(format: 2, size: 3, decompress: other))
    #expect(zstd?.text == "compressed by zstd, which nothing here undoes" && zstd?.code == .unsupported)
    for bad in [Decompressor([.zlib]) { _, _, _ in nil }, Decompressor([.zlib]) { _, _, _ in [1] }] {
      let error = error(try file(size: 3, decompress: bad))
      #expect(error?.text == "2 compressed bytes that are damaged or do not make 3 bytes")
      #expect(error?.section == ".debug_frame" && error?.code == .malformed)
    }
    let short = try ELFImage(parts: [.init(name: ".debug_frame", flags: 0x800, bytes: [1, 0, 0])]).open()
    #expect(error(short)?.text == "3 of the 24 bytes of a compression header")
  }
}
