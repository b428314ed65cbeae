import Testing

@testable import CallFrameInfo

@Suite struct RelocationTests {
  /// Sections: 1 `.text` at 0, 2 `.eh_frame` at 16 with 0x10 in every byte, 3 its relocations, 4 `.symtab`, 5 `.strtab`.
  /// Symbols: 1 in `.text` at 8, of size 5; 2 undefined; 3 absolute 0x7f; 4 in no section there is; 5 common.
  private func image(_ table: ELFBytes, addends: Bool = true) -> ELFImage {
    var symbols = ELFBytes.nothing
    symbols.symbol(section: 0, value: 0)
    symbols.symbol(section: 1, value: 8, size: 5)
    symbols.symbol(section: 0, value: 0)
    symbols.symbol(section: 0xfff1, value: 0x7f)
    symbols.symbol(section: 99, value: 0)
    symbols.symbol(section: 0xfff2, value: 32)
    return ELFImage(parts: [
      .init(name: ".text", flags: 6, bytes: [UInt8](repeating: 0, count: 16)),
      .init(name: ".eh_frame", flags: 2, bytes: [UInt8](repeating: 0x10, count: 16)),
      .init(
        name: ".rela.eh_frame", kind: addends ? .relocationsWithAddends : .relocations, bytes: table.bytes, link: 4,
        info: 2, entrySize: addends ? 24 : 16),
      .init(name: ".symtab", kind: .symbols, bytes: symbols.bytes, link: 5, entrySize: 24),
      .init(name: ".strtab", kind: .strings, bytes: [0]),
    ])
  }

  /// The 64 bits at offset 0 after one relocation there.
  private func field(
    type: UInt32, symbol: UInt32 = 1, addend: Int64?, at offset: UInt64 = 0
  ) throws -> (UInt64?, [ELFError]) {
    var table = ELFBytes.nothing
    table.relocation(at: offset, type: type, symbol: symbol, addend: addend)
    let file = try image(table, addends: addend != nil).open()
    var problems: [ELFError] = []
    let bytes = try file.contents(of: file.sections[2], problems: &problems)
    return (bytes.littleEndian(Int(clamping: offset)), problems)
  }

  @Test(
    arguments: [
      (0, 1, 0x1010_1010_1010_1010), (1, 1, 9), (2, 1, 0x1010_1010_ffff_fff9), (4, 1, 0x1010_1010_ffff_fff9),
      (8, 0, 1), (10, 1, 0x1010_1010_0000_0009), (11, 1, 0x1010_1010_0000_0009), (12, 1, 0x1010_1010_1010_0009),
      (13, 1, 0x1010_1010_1010_fff9), (14, 1, 0x1010_1010_1010_1009), (15, 1, 0x1010_1010_1010_10f9),
      (24, 1, -7), (32, 1, 0x1010_1010_0000_0006), (33, 1, 6),
      // Undefined, absolute and common symbols, and none.
      (1, 2, 1), (1, 3, 0x80), (1, 5, 1), (1, 0, 1),
    ] as [(UInt32, UInt32, Int64)])
  func eachTypeMakesItsField(type: UInt32, symbol: UInt32, expected: Int64) throws {
    let (value, problems) = try field(type: type, symbol: symbol, addend: 1)
    #expect(value == UInt64(bitPattern: expected) && problems.isEmpty)
  }

  @Test func withoutAnAddendTheFieldHoldsIt() throws {
    #expect(try field(type: 1, addend: nil).0 == 0x1010_1010_1010_1018)
    #expect(try field(type: 2, addend: nil).0 == 0x1010_1010_1010_1008)
    #expect(try field(type: 14, addend: nil).0 == 0x1010_1010_1010_1018)
  }

  @Test func whatCannotBeAppliedIsListedAndLeavesTheField() throws {
    func problem(type: UInt32 = 1, symbol: UInt32 = 1, addend: Int64 = 0, at offset: UInt64 = 8) throws -> String? {
      let (value, problems) = try field(type: type, symbol: symbol, addend: addend, at: offset)
      #expect(offset > 8 || value == 0x1010_1010_1010_1010)
      #expect(problems.count == 1 && problems[0].section == ".rela.eh_frame" && problems[0].offset == 64 + 32)
      return problems.first?.text
    }
    #expect(try problem(type: 9) == "relocation of unknown type 9 (.eh_frame+0x8)")
    #expect(
      try problem(at: 9) == "relocation beyond the end of the section, of 16 bytes (.eh_frame+0x9)")
    #expect(try problem(at: .max)?.hasPrefix("relocation beyond the end") == true)
    #expect(try problem(symbol: 6) == "relocation by symbol 6, of 6 (.eh_frame+0x8)")
    #expect(try problem(symbol: 4) == "relocation by a symbol in section 99, of 7 (.eh_frame+0x8)")
    #expect(
      try problem(type: 10, addend: -9)
        == "relocation to 0xffffffffffffffff, which does not fit into 4 bytes (.eh_frame+0x8)")
    #expect(try problem(type: 11, addend: 1 << 31)?.contains("does not fit") == true)
    #expect(try problem(type: 2, addend: .max)?.contains("does not fit") == true)
    #expect(try problem(type: 15, addend: 1000)?.contains("does not fit into 1 bytes") == true)
  }

  @Test func aProblemIsAnErrorToWhomDoesNotListThem() throws {
    var table = ELFBytes.nothing
    table.relocation(at: 0, type: 250, symbol: 0, addend: 0)
    let file = try image(table).open()
    let error = #expect(throws: ELFError.self) { try file.contents(of: file.sections[2]) }
    #expect(error?.code == .unsupported)
    #expect(
      error?.description == "test.o: .rela.eh_frame: relocation of unknown type 250 (.eh_frame+0x0) (at offset 0x60)")
  }

  @Test func manyProblemsAreCounted() throws {
    var table = ELFBytes.nothing
    for _ in 0..<1000 { table.relocation(at: 0, type: 250, symbol: 0, addend: 0) }
    let file = try image(table).open()
    var problems: [ELFError] = []
    _ = try file.contents(of: file.sections[2], problems: &problems)
    #expect(problems.count == RelocationIndex.problemLimit)
    #expect(problems.last?.text == "937 more relocations that could not be applied")
  }

  @Test func relocationsDoNotTakeTheSquareOfTheFile() throws {
    var table = ELFBytes.nothing
    for _ in 0..<800 { table.relocation(at: 0, type: 0, symbol: 0, addend: 0) }
    var image = image(table)
    image.parts.append(image.parts[2])
    #expect(throws: ELFError.self) { try image.open().contents(of: image.open().sections[2]) }
    image.parts[2].bytes = Array(image.parts[2].bytes.prefix(240))
    #expect(throws: Never.self) { try image.open().contents(of: image.open().sections[2]) }
  }

  @Test func tablesThatCannotBeReadSayWhy() throws {
    func error(_ change: (inout ELFImage) -> Void) throws -> ELFError? {
      var table = ELFBytes.nothing
      table.relocation(at: 0, type: 1, symbol: 1, addend: 0)
      var image = image(table)
      change(&image)
      let file = try image.open()
      return #expect(throws: ELFError.self) { try file.contents(of: file.sections[2]) }
    }
    #expect(try error { $0.parts[2].entrySize = 16 }?.text == "relocations of 16 bytes, expected 24")
    #expect(try error { $0.parts[2].link = 1 }?.text == "relocations by symbols in section 1, expected 4")
    #expect(try error { $0.parts[3].kind = .programBits }?.text == "relocations, but no table of symbols")
    #expect(try error { $0.parts[2].size = 1 << 60 }?.code == .truncated)
    #expect(try error { $0.parts[3].entrySize = 1 }?.text == "symbols of 1 bytes, expected 24")
    #expect(try error { $0.parts[2].link = 0 }?.text == "relocation by symbol 1, of 0 (.eh_frame+0x0)")
  }

  @Test func relocationsOfALinkedFileAreDoneAlready() throws {
    var table = ELFBytes.nothing
    table.relocation(at: 0, type: 1, symbol: 1, addend: 5)
    var image = image(table)
    image.type = 3
    let file = try image.open()
    #expect(try file.contents(of: file.sections[2]) == [UInt8](repeating: 0x10, count: 16))
  }
}
