import TestSupport
import Testing

@testable import CallFrameInfo

@Suite struct CallFrameTableTests {
  private func table(_ ranges: [Range<UInt64>], _ kind: CallFrameSection.Kind = .ehFrame) -> SectionBytes {
    var bytes = SectionBytes(kind)
    bytes.cie([0x0c, 7, 8])
    for range in ranges { bytes.fde(range) }
    return bytes
  }

  @Test func lookupsEqualASearchOfAllRanges() {
    var generator = SplitMix(state: 7)
    for _ in 0..<200 {
      let ranges = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
        let start = UInt64.random(in: 0..<40, using: &generator)
        return start..<start + UInt64.random(in: 0..<20, using: &generator)
      }
      let table = table(ranges).table
      for address in UInt64(0)..<64 {
        // The last that starts, and of those the last in the file.
        let expected = table.fdes.lastIndex { $0.addresses.contains(address) }
        #expect(table.index(at: address) == expected, "\(ranges) at \(address)")
      }
    }
  }

  @Test func ehFrameComesBeforeDebugFrame() throws {
    let debug = table([0x100..<0x200, 0x300..<0x400], .debugFrame).section
    let table = CallFrameTable([debug, table([0x180..<0x280]).section])
    #expect(table.fdes.map(\.addresses.lowerBound) == [0x100, 0x180, 0x300])
    func kind(_ address: UInt64) -> CallFrameSection.Kind? { table.fde(at: address).map { table.section(of: $0).kind } }
    #expect(kind(0x17f) == .debugFrame && kind(0x180) == .ehFrame && kind(0x1ff) == .ehFrame)
    #expect(kind(0x27f) == .ehFrame && kind(0x280) == nil && kind(0x300) == .debugFrame)
    for fde in table.fdes { #expect(table.cie(of: fde).offset == 0 && table.cie(of: fde).length > 0) }
  }

  @Test func thousandsOfNestedRangesAreSearchedByHalves() {
    // Each lookup by walking back through enclosing ranges would take as long as all others together.
    let count: UInt64 = 3000
    let table = table((0..<count).map { $0..<2 * count - $0 }).table
    for address in 0..<count { #expect(table.index(at: address) == Int(address)) }
    for address in count..<2 * count { #expect(table.index(at: address) == Int(2 * count - 1 - address)) }
  }

  @Test func theInstructionsOfALongCIEAreExecutedOnceForAllItsFDEs() throws {
    // Executed for each FDE they would be 600 million.
    var bytes = SectionBytes()
    bytes.cie([0x0c, 7, 8, 0x90, 1] + [UInt8](repeating: 0, count: 200_000))
    let count: UInt64 = 3000
    for index in 0..<count { bytes.fde(8 * index..<8 * index + 8, [0x44, 0x0e, 16 + UInt8(index % 64)]) }
    let table = bytes.table
    for index in 0..<count {
      let row = try #require(try table.row(at: 8 * index + 5))
      #expect(row.addresses == 8 * index + 4..<8 * index + 8)
      #expect(row.cfa == .register(7, offset: 16 + Int64(index % 64)) && row.registers[16] == .offset(-8))
      #expect(try table.row(at: 8 * index)?.cfa == .register(7, offset: 8))
    }
  }

  @Test func aDefectOfALongCIEIsOneOfEachOfItsFDEs() {
    var bytes = SectionBytes()
    bytes.cie([UInt8](repeating: 0, count: 100) + [0x0b])
    for index in UInt64(0)..<3 { bytes.fde(8 * index..<8 * index + 8) }
    let table = bytes.table
    for index in UInt64(0)..<3 {
      #expect(throws: CallFrameError.self) { try table.row(at: 8 * index) }
    }
  }

  @Test func theDensestRecordsTakeASmallMultipleOfTheirBytes() {
    // FDEs of 13 bytes, each of which names a CIE of its own: as many as can be.
    var bytes = SectionBytes()
    let count = 1000
    for _ in 0..<count { bytes.cie(augmentation: "zR", data: [0x02]) }
    let size = bytes.bytes.count / count
    for index in 0..<count { bytes.record(cie: index * size, [0, 1, 8, 0, 0]) }
    let table = bytes.table
    #expect(table.defectCount == 0 && table.cies.count == count && table.fdes.count == count)
    let words = 4 * MemoryLayout<Int>.size
    let kept =
      table.cies.count * (MemoryLayout<CIE>.stride + words) + table.fdes.count * (MemoryLayout<FDE>.stride + words)
    #expect(kept < 16 * bytes.bytes.count, "\(kept) bytes for \(bytes.bytes.count)")
  }
}
