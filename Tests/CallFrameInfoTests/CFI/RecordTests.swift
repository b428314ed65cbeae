import Testing

@testable import CallFrameInfo

@Suite struct RecordTests {
  @Test(arguments: [1, 3, 4, 5] as [UInt8]) func everyVersionIsRead(_ version: UInt8) throws {
    for kind in [CallFrameSection.Kind.ehFrame, .debugFrame] {
      var bytes = SectionBytes(kind)
      bytes.cie(version: version, [0x0c, 7, 8])
      bytes.fde(0x100..<0x180, [0x44])
      let table = bytes.table
      #expect(table.defects == [])
      let cie = try #require(table.cies.first)
      #expect(cie.version == version && cie.augmentation.isEmpty && cie.returnAddressRegister == 16)
      #expect(cie.codeAlignment == 1 && cie.dataAlignment == -8 && cie.addressSize == 8)
      #expect(cie.instructions.count == 3 && cie.length + table.fdes[0].length == bytes.bytes.count)
      #expect(table.fdes[0].addresses == 0x100..<0x180 && table.fdes[0].instructions.count == 1)
    }
  }

  @Test func bothFormsOf64BitRecordsAreRead() {
    for (kind, isWide) in [(CallFrameSection.Kind.ehFrame, false), (.ehFrame, true), (.debugFrame, false)] {
      var bytes = SectionBytes(kind)
      bytes.isDWARF64 = true
      bytes.hasWidePointer = isWide
      bytes.cie(augmentation: "zS", [0x0c, 7, 8])
      bytes.fde(0x100..<0x180, data: [])
      // In one file, 32-bit records too.
      bytes.isDWARF64 = false
      bytes.cie([0x0c, 6, 8])
      bytes.fde(0x200..<0x280)
      let table = bytes.table
      #expect(table.defects == [])
      #expect(table.fdes.map(\.addresses) == [0x100..<0x180, 0x200..<0x280])
      #expect(table.cies.map(\.isDWARF64) == [true, false] && table.cies.map(\.isSignalFrame) == [true, false])
    }
  }

  @Test func addressAndSelectorSizesAreThoseOfTheCIE() throws {
    var bytes = SectionBytes(.debugFrame)
    bytes.cie(version: 4, sizes: [4, 2])
    bytes.record(cie: bytes.lastCIE, [0x34, 0x12, 0, 1, 0, 0, 0x80, 0, 0, 0, 0x44])
    let table = bytes.table
    #expect(table.defects == [])
    #expect(table.fdes[0].addresses == 0x100..<0x180 && table.fdes[0].segmentSelector == 0x1234)
    #expect(table.fdes[0].instructions.count == 1)
  }

  @Test func everyAugmentationIsRead() throws {
    var bytes = SectionBytes()
    // P: pcrel sdata4, 4 back from itself; L: udata4; R: sdata4 datarel; S and B have no data.
    bytes.cie(augmentation: "zPLRSB", data: [0x9b, 0xfc, 0xff, 0xff, 0xff, 0x03, 0x3b])
    bytes.record(
      cie: bytes.lastCIE, [0x00, 0xf0, 0xff, 0xff, 0x80, 0, 0, 0, 4, 0x78, 0x56, 0x34, 0x12, 0x44])
    let table = bytes.table
    #expect(table.defects == [])
    let cie = table.cies[0]
    #expect(cie.isSignalFrame && cie.usesBKey && cie.lsdaEncoding?.rawValue == 0x03)
    #expect(cie.pointerEncoding.rawValue == 0x3b)
    let personality = try #require(cie.personality)
    // Behind length, id, version, string, factors, register, size and encoding.
    #expect(personality.isIndirect && personality.value == 0x1000 + 21 - 4)
    #expect(table.fdes[0].addresses == 0x2000..<0x2080)
    #expect(table.fdes[0].lsda?.value == 0x1234_5678)
    #expect(table.fdes[0].instructions.count == 1)
  }

  @Test func anUnknownAugmentationIsSkippedByItsLength() {
    var bytes = SectionBytes()
    bytes.cie(augmentation: "zSq", data: [1, 2, 3], [0x0c, 7, 8])
    bytes.fde(0x100..<0x180, data: [9, 9], [0x44])
    let table = bytes.table
    #expect(table.defects == [] && table.cies[0].isSignalFrame)
    #expect(table.fdes[0].instructions.count == 1)
    // With the encoding of addresses behind it nothing is known.
    var lost = SectionBytes()
    lost.cie(augmentation: "zqR", data: [1, 2, 3])
    lost.fde(0x100..<0x180, data: [])
    #expect(lost.table.defects.map(\.code) == [.augmentation, .badCIE] && lost.table.fdes.isEmpty)
    // Without a length nothing behind it can be found.
    var bare = SectionBytes()
    bare.cie(augmentation: "S")
    #expect(bare.table.defects.map(\.text) == [#"augmentation "S", of which only "eh" and "z..." can be read"#])
  }

  @Test func messagesHoldNoBytesThatATerminalObeys() {
    var bytes = SectionBytes()
    bytes.cie(augmentation: "\u{1b}[2J\n")
    #expect(
      bytes.table.defects.map(\.text) == [
        #"augmentation "\x1b[2J\x0a", of which only "eh" and "z..." can be read"#
      ])
  }

  @Test func theOldExceptionTableIsSkipped() {
    var bytes = SectionBytes()
    bytes.cie(augmentation: "eh", [0x0c, 7, 8])
    bytes.fde(0x100..<0x180, [0x44])
    bytes.cie(augmentation: "ehzR", data: [0])
    bytes.fde(0x200..<0x280, data: [], [0x44])
    #expect(bytes.table.defects == [])
    #expect(bytes.table.fdes.map(\.instructions.count) == [1, 1])
  }

  @Test func aCIEMayComeAfterItsFDE() {
    var bytes = SectionBytes(.debugFrame)
    bytes.record(cie: 24, SectionBytes.little(0x100 as UInt64) + SectionBytes.little(0x10 as UInt64))
    #expect(bytes.bytes.count == 24)
    bytes.cie()
    #expect(bytes.table.defects == [] && bytes.table.fdes.count == 1 && bytes.table.cies.count == 1)
  }

  @Test func recordsAfterADefectAreRead() {
    var bytes = SectionBytes()
    bytes.cie()
    bytes.fde(0x100..<0x110)
    bytes.cie(version: 9)
    bytes.fde(0x200..<0x210)
    bytes.bytes += [0, 0, 0, 0]
    bytes.bytes += [1, 0, 0, 0, 0]
    bytes.record(cie: 0, [1, 2, 3])
    bytes.record(cie: nil, [])
    bytes.record(cie: 3, [UInt8](repeating: 0, count: 16))
    bytes.cie()
    bytes.fde(0x300..<0x310)
    let table = bytes.table
    #expect(table.fdes.map(\.addresses) == [0x100..<0x110, 0x300..<0x310])
    #expect(
      table.defects.map(\.code) == [.version, .badCIE, .truncated, .truncated, .truncated, .badCIE],
      "\(table.defects)")
    #expect(CallFrameRecords(bytes.section).contains { if case .terminator = $0 { true } else { false } })
  }

  @Test func lengthsThatAreNotSoundEndTheReading() {
    var bytes = SectionBytes()
    bytes.cie()
    bytes.fde(0x100..<0x110)
    let end = bytes.bytes.count
    let tails: [(bytes: [UInt8], defect: Int)] = [
      ([0xf0, 0xff, 0xff, 0xff, 1, 2, 3, 4], 0), ([5, 0, 0, 0, 1, 2, 3, 4], 0), ([1, 0, 0], 0),
      ([0xff, 0xff, 0xff, 0xff, 0, 0, 0], 4), ([0xff, 0xff, 0xff, 0xff] + SectionBytes.little(UInt64.max), 0),
    ]
    for tail in tails {
      var damaged = bytes
      damaged.bytes += tail.bytes
      let table = damaged.table
      #expect(table.fdes.count == 1 && table.defects.map(\.offset) == [end + tail.defect], "\(tail)")
    }
  }

  @Test func addressesThatEndBeyond64BitsAreADefect() {
    var bytes = SectionBytes()
    bytes.cie()
    bytes.record(cie: 0, SectionBytes.little(UInt64.max) + SectionBytes.little(2 as UInt64))
    #expect(bytes.table.defects.map(\.code) == [.malformed])
    #expect(bytes.table.defects[0].text == "0x2 bytes of code from 0xffffffffffffffff end beyond 64 bits")
  }

  @Test func addressesThatAreNotInTheFileAreADefect() {
    for encoding: UInt8 in [0x9b, 0xff] {
      var bytes = SectionBytes()
      bytes.cie(augmentation: "zR", data: [encoding])
      bytes.fde(0x100..<0x110, data: [])
      #expect(bytes.table.defects.map(\.code) == [.noBase])
    }
  }

  @Test func thousandsOfDefectsAreCountedAndTheFirstKept() {
    let section = CallFrameSection(
      .ehFrame, source: "t", bytes: (0..<20_000).flatMap { _ in [1, 0, 0, 0, 9] },
      address: 0)
    let table = CallFrameTable([section])
    #expect(table.defectCount == 20_000 && table.defects.count == CallFrameTable.mostDefects)
    #expect(CallFrameRecords(section).reduce(0) { count, _ in count + 1 } == 20_000)
  }
}
