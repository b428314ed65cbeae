import Testing

@testable import CallFrameInfo

@Suite struct SymbolTests {
  /// Sections: 1 `.text` at 0, 2 `.data` at 16, 3 `.symtab`, 4 `.strtab`, 5 the extended indexes.
  private func image(_ symbols: ELFBytes, names: String, extended: [UInt32] = [], type: UInt16 = 1) -> ELFImage {
    var indexes = ELFBytes.nothing
    for index in extended { indexes.append(index) }
    return ELFImage(
      type: type,
      parts: [
        .init(name: ".text", flags: 6, bytes: [UInt8](repeating: 0x90, count: 16)),
        .init(name: ".data", flags: 3, address: type == 1 ? 0 : 0x1000, bytes: [1, 2]),
        .init(name: ".symtab", kind: .symbols, bytes: symbols.bytes, link: 4, entrySize: 24),
        .init(name: ".strtab", kind: .strings, bytes: Array(names.utf8)),
        .init(name: ".symtab_shndx", kind: .extendedIndexes, bytes: indexes.bytes, link: 3, entrySize: 4),
      ])
  }

  private var table: ELFBytes {
    var table = ELFBytes.nothing
    table.symbol(section: 0, value: 0)
    table.symbol(name: 1, info: 0x12, section: 1, value: 4, size: 12)
    table.symbol(name: 6, info: 0x2a, section: 2, value: 1)
    table.symbol(name: 60, info: 0, section: 0xfff1, value: 77)
    table.symbol(info: 3, section: 0xffff, value: 0)
    table.symbol(info: 1, section: 0xfff2, value: 8)
    table.symbol(info: 6, section: 0xff20, value: 8)
    return table
  }

  @Test func symbolsAreReadAsTheyStand() throws {
    let file = try image(table, names: "\0main\0pick\0", extended: [0, 0, 0, 0, 2], type: 3).open()
    let symbols = try #require(try file.symbols())
    #expect(symbols.section.name == ".symtab" && symbols.count == 7)
    #expect(symbols.map { symbols.name(of: $0) } == ["", "main", "pick", "", "", "", ""])
    #expect(
      symbols.map(\.placement)
        == [.undefined, .section(1), .section(2), .absolute, .section(2), .common, .reserved(0xff20)])
    #expect(symbols.map(\.value) == [0, 4, 1, 77, 0, 8, 8])
    #expect(symbols[1].kind == .function && symbols[1].binding == .global && symbols[1].size == 12)
    #expect(symbols[2].kind == .indirectFunction && symbols[2].binding == .weak && symbols[2].isFunction)
    #expect(symbols[4].kind == .section && symbols[4].sectionIndex == 2 && !symbols[4].isFunction)
    #expect(symbols.nameBytes(of: symbols[3]) == nil)
  }

  @Test func valuesInAnObjectAreAssignedAddresses() throws {
    let file = try image(table, names: "\0", extended: [0, 0, 0, 0, 2]).open()
    #expect(try file.symbols()?.map(\.value) == [0, 4, 17, 77, 16, 8, 8])
  }

  @Test func anExtendedIndexThatIsMissingIsNoSection() throws {
    #expect(try image(table, names: "\0").open().symbols()?[4].placement == .reserved(0xffff))
    let beyond = try image(table, names: "\0", extended: [0, 0, 0, 0, .max]).open()
    #expect(try beyond.symbols()?[4].placement == .section(0xffff_ffff))
  }

  @Test func aTableThatIsTornGivesWhatIsWhole() throws {
    var torn = table
    torn.bytes.removeLast(5)
    #expect(try image(torn, names: "\0").open().symbols()?.count == 6)
  }

  @Test func dynamicSymbolsServeWhereOthersAreStripped() throws {
    var image = image(table, names: "\0main\0pick\0", type: 3)
    image.parts[2].kind = .dynamicSymbols
    #expect(try image.open().symbols()?.section.kind == .dynamicSymbols)
    image.parts[2].kind = .noBits
    #expect(try image.open().symbols() == nil)
  }

  @Test func tablesThatCannotBeReadSayWhy() throws {
    func error(_ change: (inout ELFImage) -> Void) throws -> ELFError? {
      var image = image(table, names: "\0", type: 3)
      change(&image)
      let file = try image.open()
      return #expect(throws: ELFError.self) { try file.symbols() }
    }
    #expect(try error { $0.parts[2].entrySize = 0 }?.text == "symbols of 0 bytes, expected 24")
    #expect(try error { $0.parts[2].link = 90 }?.text == "names of symbols in section 90, of 7")
    #expect(try error { $0.parts[3].size = 1 << 50 }?.code == .truncated)
    #expect(try error { $0.parts[2].size = 1 << 50 }?.section == ".symtab")
  }

  @Test func namesThatOverlapDoNotTakeForEver() throws {
    var table = ELFBytes.nothing
    for index in 0..<10_000 { table.symbol(name: UInt32(index), section: 1, value: 0) }
    let file = try image(table, names: String(repeating: "x", count: 100_000) + "\0", type: 3).open()
    let error = #expect(throws: ELFError.self) { try file.symbols() }
    #expect(error?.text == "names of symbols that overlap, far longer than their table")
  }

  @Test func buildIDAndDebugLinkAreRead() throws {
    var note = ELFBytes.nothing
    for word in [4, 3, 3, 0x55_4e47, 0x03_0201] as [UInt32] { note.append(word) }
    var link = ELFBytes.nothing
    link.bytes = Array("ls.debug\0\0\0\0".utf8)
    link.append(0x1234_5678 as UInt32)
    var image = ELFImage(
      type: 3,
      parts: [
        .init(name: ".note.gnu.build-id", kind: .note, flags: 2, bytes: note.bytes),
        .init(name: ".gnu_debuglink", bytes: link.bytes),
      ])
    #expect(try image.open().buildID == [1, 2, 3])
    #expect(try image.open().debugLink == DebugLink(name: "ls.debug", checksum: 0x1234_5678))
    image.parts[0].name = ".other"
    image.segments = [[0x4_0000_0004, 120, 0, 20, 20, 4]]
    #expect(try image.open().buildID == [1, 2, 3])
    image.segments = []
    image.parts[1].bytes.removeLast()
    #expect(try image.open().buildID == nil)
    #expect(try image.open().debugLink == nil)
  }
}
