import Testing

@testable import CallFrameInfo

@Suite struct SectionTests {
  private let text = ELFImage.Part(name: ".text", flags: 6, bytes: [1, 2, 3], alignment: 16)
  private let frame = ELFImage.Part(name: ".eh_frame", kind: .unwind, flags: 2, bytes: [4, 5, 6, 7], alignment: 8)

  @Test func sectionsAreReadAsTheyStand() throws {
    let image = ELFImage(
      type: 3, parts: [.init(name: ".data", flags: 3, address: 0x5000, bytes: [9], link: 1, info: 2, entrySize: 7)])
    let file = try image.open()
    let data = try #require(file.section(named: ".data"))
    #expect(data.index == 1 && data.kind == .programBits && data.isAllocated && data.isWritable && !data.isExecutable)
    #expect(data.range == 0x5000..<0x5001 && data.link == 1 && data.info == 2 && data.entrySize == 7)
    #expect(file.sections.map(\.name) == ["", ".data", ".shstrtab"])
    #expect(try file.contents(of: data) == [9])
    #expect(!file.isLaidOut)
  }

  @Test func sectionsOfAnObjectLieOneAfterAnother() throws {
    let bss = ELFImage.Part(name: ".bss", kind: .noBits, flags: 3, size: 100)
    let note = ELFImage.Part(name: ".comment", bytes: [0, 0])
    let file = try ELFImage(parts: [text, frame, note, bss, text]).open()
    #expect(file.isLaidOut)
    #expect(file.sections.map(\.address) == [0, 0, 8, 0, 12, 112, 0])
    #expect(file.sections[3].range == nil)
    #expect(try file.contents(of: file.sections[4]) == [])
    #expect(file.bytes(atAddress: 1, count: 100) == [2, 3])
    #expect(file.bytes(atAddress: 9, count: 2) == [5, 6])
    #expect(file.bytes(atAddress: 4, count: 1).isEmpty && file.bytes(atAddress: 12, count: 1).isEmpty)
    #expect(file.byteCount(fromAddress: 113) == 2)
    #expect(try file.sections(named: ".text").map(\.index) == [1, 5])
  }

  @Test func anImpossibleLayoutIsAnError() {
    let large = ELFImage.Part(name: ".bss", kind: .noBits, flags: 3, size: .max - 3)
    #expect(ELFImage(parts: [large]).error == nil)
    #expect(ELFImage(parts: [text, frame, large]).error?.section == ".bss")
    #expect(ELFImage(parts: [text, .init(name: ".a", flags: 2, alignment: 1 << 63)]).error == nil)
    #expect(ELFImage(parts: [text, .init(name: ".a", flags: 2, alignment: 3)]).error == nil)
  }

  @Test func countsBeyond16BitsAreInSectionZero() throws {
    let file = try ELFImage(parts: [text, frame], isExtended: true).open()
    #expect(file.sections.map(\.name) == ["", ".text", ".eh_frame", ".shstrtab"])
    let parts = (0..<70_000).map { ELFImage.Part(name: $0 % 1000 == 0 ? ".last\($0)" : ".text") }
    let many = try ELFImage(parts: parts, isExtended: true).open()
    #expect(many.sections.count == 70_002)
    #expect(many.section(named: ".last69000")?.index == 69_001)
  }

  @Test func aTableOfNoSectionsIsNone() throws {
    #expect(try ELFImage(parts: [text], count: 0).open().sections.isEmpty)
  }

  @Test func aCountNoFileCanHoldIsAnErrorThatAllocatesNothing() {
    var image = ELFImage(parts: [text], isExtended: true)
    var bytes = image.bytes
    let zero = bytes.count - 3 * 64
    for index in 32..<40 { bytes[zero + index] = 0xff }
    let error = #expect(throws: ELFError.self) { try ELFFile(reading: ByteArray(bytes, name: "test.o")) }
    #expect(error?.code == .truncated)
    image.isExtended = false
    image.count = 4
    #expect(image.error?.code == .truncated)
    #expect(image.error?.text == "truncated: 4 section headers, of which not all are in the file")
  }

  @Test func aNameTableOfAnySizeIsReadOrRefused() {
    let good = ELFImage(parts: [text]).bytes
    for size in [1 << 63, .max, 1 << 32, UInt64(good.count)] as [UInt64] {
      var bytes = ELFBytes()
      bytes.bytes = good
      bytes.set(good.count - 32, size)
      let error = #expect(throws: ELFError.self) { try ELFFile(reading: ByteArray(bytes.bytes, name: "test.o")) }
      #expect(error?.code == (size == .max ? .malformed : .truncated))
    }
  }

  @Test func aNameWithoutAnEndIsNone() throws {
    let file = try ELFImage(parts: [text], names: Array("\0.text\0.shs".utf8)).open()
    #expect(file.sections.map(\.name) == ["", ".text", ""])
    #expect(try ELFImage(parts: [text], names: Array("unended".utf8)).open().sections.allSatisfy { $0.name.isEmpty })
    #expect(try ELFImage(parts: [text], names: []).open().sections.allSatisfy { $0.name.isEmpty })
  }

  @Test func namesThatOverlapDoNotMultiplyTheFile() {
    // Each section's name is all that follows in the table.
    let parts = (0..<20_000).map { _ in ELFImage.Part(name: "") }
    var bytes = ELFImage(parts: parts, names: [UInt8](repeating: 65, count: 40_000) + [0]).bytes
    let first = bytes.count - 64 * 20_002
    for index in 0..<20_002 {
      bytes[first + 64 * index] = UInt8(truncatingIfNeeded: index)
      bytes[first + 64 * index + 1] = UInt8(truncatingIfNeeded: index >> 8)
    }
    let error = #expect(throws: ELFError.self) { try ELFFile(reading: ByteArray(bytes, name: "test.o")) }
    #expect(error?.text == "section names that overlap, far longer than their table")
  }

  @Test func rangesThatWrapAreNone() throws {
    let wild = ELFImage.Part(name: ".wild", flags: 2, address: .max, size: 2, offset: .max)
    let file = try ELFImage(type: 3, parts: [wild]).open()
    #expect(file.sections[1].range == nil && file.sections[1].fileRange == nil)
    let error = #expect(throws: ELFError.self) { try file.contents(of: file.sections[1]) }
    #expect(error?.code == .truncated)
    #expect(
      error?.description
        == "test.o: .wild: truncated: 0 of the 2 bytes of section 1 (at offset 0xffffffffffffffff)")
  }

  @Test func sectionsOfOneNameDoNotShareBytes() throws {
    let parts = [frame, .init(name: ".eh_frame", size: 4, offset: 64 + 3), frame]
    let error = #expect(throws: ELFError.self) { try ELFImage(parts: parts).open().sections(named: ".eh_frame") }
    #expect(error?.text == "sections 1 and 2 overlap in the file")
    #expect(try ELFImage(parts: [frame, text, frame]).open().sections(named: ".eh_frame").count == 2)
  }

  @Test func filesThatAreNoProgramsOrObjectsAreRefused() {
    #expect(ELFImage(type: 4).error?.code == .otherType)
    #expect(ELFImage(type: 2).error == nil)
  }

  @Test func headersThatAreTooSmallAreRefused() {
    var bytes = ELFImage(parts: [text]).bytes
    bytes[58] = 63
    let error = #expect(throws: ELFError.self) { try ELFFile(reading: ByteArray(bytes, name: "test.o")) }
    #expect(error?.text == "section headers of 63 bytes, expected 64")
    bytes[58] = 64
    bytes[62] = 200
    let names = #expect(throws: ELFError.self) { try ELFFile(reading: ByteArray(bytes, name: "test.o")) }
    #expect(names?.text == "names in section 200, of 3")
    bytes[62] = 0
    #expect(throws: Never.self) { try ELFFile(reading: ByteArray(bytes, name: "test.o")) }
  }
}
