import Testing

@testable import CallFrameInfo

@Suite struct LoadedImageTests {
  /// PT_LOAD, readable.
  private func load(_ offset: UInt64, _ address: UInt64, _ fileSize: UInt64, _ memorySize: UInt64) -> [UInt64] {
    [0x4_0000_0001, offset, address, fileSize, memorySize, 1]
  }

  @Test func bytesComeFromSegments() throws {
    let file = try ELFImage(type: 3, segments: [load(0, 0x1000, 4, 8), load(1, 0x2000, 1 << 40, 1 << 40)]).open()
    #expect(file.bytes(atAddress: 0x1001, count: 10) == [0x45, 0x4c, 0x46])
    #expect(file.bytes(atAddress: 0x1004, count: 10).isEmpty)
    #expect(file.bytes(atAddress: 0x2000, count: 2) == [0x45, 0x4c])
    #expect(file.bytes(atAddress: 0x2000, count: .max).count < 1000)
    #expect(file.bytes(atAddress: 0x2000, count: -1).isEmpty && file.bytes(atAddress: .max, count: 1).isEmpty)
  }

  @Test func aSegmentThatOverlapsAnEarlierOneBeginsBehindIt() throws {
    let file = try ELFImage(type: 3, segments: [load(4, 0x1002, 4, 4), load(0, 0x1000, 4, 4)]).open()
    #expect(file.bytes(atAddress: 0x1000, count: 10) == [0x7f, 0x45, 0x4c, 0x46])
    #expect(file.bytes(atAddress: 0x1004, count: 10) == [1, 0])
  }

  @Test func segmentsThatWrapHaveNoBytes() throws {
    let file = try ELFImage(type: 3, segments: [load(0, .max - 1, 4, 4), load(.max, 0x1000, 4, 4)]).open()
    #expect(file.bytes(atAddress: .max - 1, count: 1).isEmpty && file.bytes(atAddress: 0x1000, count: 1).isEmpty)
  }

  @Test func sectionsWithoutBytesHaveNoneInSegmentsEither() throws {
    func absent(_ address: UInt64, _ size: UInt64, flags: UInt64 = 2) -> ELFImage.Part {
      ELFImage.Part(name: ".text", kind: .noBits, flags: flags, address: address, size: size)
    }
    let file = try ELFImage(
      type: 3, parts: [absent(0x1002, 3), absent(0x0ff0, 0x11), absent(0x1004, 2), absent(0x1000, 20, flags: 0x403)],
      segments: [load(0, 0x1000, 16, 16), load(0, 0x1005, 16, 16)]
    ).open()
    #expect(file.bytes(atAddress: 0x1000, count: 9).isEmpty)
    #expect(file.bytes(atAddress: 0x1001, count: 9) == [0x45])
    #expect((0x1002..<0x1006).allSatisfy { file.bytes(atAddress: $0, count: 1).isEmpty })
    #expect(file.bytes(atAddress: 0x1006, count: 9) == [1, 0, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test func theSearchTableIsFoundWithoutSections() throws {
    let segment: [UInt64] = [0x4_6474_e550, 0x2000, 0x40_2000, 0x54, 0x54, 4]
    #expect(try ELFImage(type: 3, segments: [segment]).open().searchTableRange == 0x40_2000..<0x40_2054)
    let section = ELFImage.Part(name: ".eh_frame_hdr", flags: 2, address: 0x10, bytes: [1])
    #expect(try ELFImage(type: 3, parts: [section], segments: [segment]).open().searchTableRange == 0x10..<0x11)
    #expect(try ELFImage(type: 3).open().searchTableRange == nil)
  }
}
