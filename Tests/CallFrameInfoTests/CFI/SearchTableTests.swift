import Testing

@testable import CallFrameInfo

@Suite struct SearchTableTests {
  private func header(_ encodings: [UInt8], _ rest: [UInt8]) throws(CallFrameError) -> SearchTable {
    try SearchTable([1] + encodings + rest, address: 0x5000, source: "test.so")
  }

  @Test func entriesAreReadAndSearched() throws {
    // sdata4: .eh_frame pcrel, entries datarel.
    let entries: [Int32] = [-0x1000, 0x100, -0x800, 0x200, 0, 0x300]
    let table = try header(
      [0x1b, 0x03, 0x3b], SectionBytes.little(Int32(0x40 - 4)) + [3, 0, 0, 0] + entries.flatMap(SectionBytes.little))
    #expect(table.ehFrameAddress == 0x5040)
    #expect(table.map(\.address) == [0x4000, 0x4800, 0x5000])
    #expect(table.map(\.fdeAddress) == [0x5100, 0x5200, 0x5300])
    #expect(table.declaredCount == 3 && table.entriesOffset == 12 && table.entrySize == 8)
    #expect(table.entry(for: 0x3fff) == nil)
    #expect(table.entry(for: 0x4000)?.fdeAddress == 0x5100)
    #expect(table.entry(for: 0x4fff)?.fdeAddress == 0x5200)
    #expect(table.entry(for: .max)?.fdeAddress == 0x5300)
  }

  @Test func entriesOfEightBytesAreRead() throws {
    let words: [UInt64] = [2, 0x10, 0x20, 0x30, 0x40]
    let table = try header([0xff, 0x04, 0x04], words.flatMap(SectionBytes.little))
    #expect(table.ehFrameAddress == nil && table.map(\.address) == [0x10, 0x30] && table.entrySize == 16)
  }

  @Test func aTableMayBeAbsent() throws {
    let table = try header([0x1b, 0xff, 0xff], [4, 0, 0, 0])
    #expect(table.isEmpty && table.entry(for: 0x4000) == nil && table.ehFrameAddress == 0x5008)
  }

  @Test func onlyEntriesThatAreThereCount() throws {
    let table = try header([0xff, 0x03, 0x3b], [0xff, 0xff, 0xff, 0xff] + [UInt8](repeating: 0, count: 20))
    #expect(table.declaredCount == 0xffff_ffff && table.count == 2)
  }

  @Test func headersThatCannotBeReadAreErrorsWithAPlace() {
    func error(_ bytes: [UInt8]) -> CallFrameError? {
      do throws(CallFrameError) {
        _ = try SearchTable(bytes, address: 0x5000, source: "test.so")
        return nil
      } catch {
        return error
      }
    }
    #expect(error([])?.code == .truncated)
    #expect(error([2, 0, 0, 0])?.description == "test.so: .eh_frame_hdr+0x0: version 2, expected 1")
    #expect(error([1, 0x1b, 0x03, 0x3b, 0, 0])?.offset == 4)
    #expect(error([1, 0xff, 0x03, 0x31, 1, 0, 0, 0])?.code == .unsupported)
    #expect(error([1, 0xff, 0x03, 0xbb, 1, 0, 0, 0])?.code == .unsupported)
    #expect(error([1, 0xff, 0x03, 0x4b, 1, 0, 0, 0] + [UInt8](repeating: 0, count: 8))?.code == .noBase)
  }
}
