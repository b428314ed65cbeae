import Testing

@testable import CallFrameInfo

/// What the fuzzer found, one case each.
@Suite struct FoundByFuzzingTests {
  @Test func anFDEWhoseCIEIsBeforeTheSectionIsADefect() {
    // The first record: 16 bytes, its CIE one byte before the section (4 − 5 = −1).
    let bytes: [UInt8] = [16, 0, 0, 0, 5, 0, 0, 0] + [UInt8](repeating: 0, count: 12)
    let table = CallFrameTable([CallFrameSection(.ehFrame, source: "test", bytes: bytes, address: 0)])
    #expect(table.fdes.isEmpty && table.defects.count == 1)
    #expect(table.defects.first?.text.contains("its CIE at -0x1 cannot be read") == true)
  }
}
