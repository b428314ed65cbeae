import CallFrameInfo
import Foundation
import TestSupport
import Testing

/// Call frame information of whole files.
@Suite struct FileFramesTests {
  private static let library = "/lib/x86_64-linux-gnu/libc.so.6"

  private func file(_ path: String) throws -> ELFFile {
    try ELFFile(reading: ByteArray([UInt8](Data(contentsOf: URL(filePath: path))), name: path))
  }

  /// In a relocatable file every FDE is at the function it describes only if relocations are right.
  @Test(arguments: CompiledObjects.recipes) func everyFDEOfAnObjectCoversAFunction(_ recipe: CompiledObjects.Recipe)
    throws
  {
    let directory = try TemporaryDirectory()
    let file = try file(CompiledObjects.make(recipe, in: directory))
    var problems: [ELFError] = []
    let table = CallFrameTable(of: file, problems: &problems)
    #expect(problems == [] && table.defects == [])
    let symbols = try #require(try file.symbols())
    let functions = Dictionary(
      symbols.filter { $0.kind == .function && $0.sectionIndex != nil }.map { ($0.value, $0.size) },
      uniquingKeysWith: { first, _ in first })
    #expect(!functions.isEmpty && table.fdes.count >= functions.count)
    for fde in table.fdes {
      #expect(functions[fde.addresses.lowerBound] == UInt64(fde.addresses.count), "\(fde)")
      #expect(try table.row(at: fde.addresses.lowerBound)?.registers[16] == .offset(-8))
    }
    for (start, size) in functions where size > 0 { #expect(table.fde(at: start + size - 1) != nil) }
  }

  @Test func theSearchTableOfALibraryLeadsToEveryFDE() throws {
    let file = try file(Self.library)
    var problems: [ELFError] = []
    let table = CallFrameTable(of: file, problems: &problems)
    let search = try #require(try SearchTable(of: file))
    let section = try #require(file.section(named: ".eh_frame"))
    #expect(problems == [] && search.ehFrameAddress == section.address)
    #expect(search.count == table.fdes.count && search.declaredCount == UInt64(search.count))
    for (entry, fde) in zip(search, table.fdes) {
      #expect(entry.address == fde.addresses.lowerBound)
      #expect(entry.fdeAddress == section.address + UInt64(fde.offset))
    }
    for fde in table.fdes.prefix(100) {
      #expect(search.entry(for: fde.addresses.upperBound - 1)?.address == fde.addresses.lowerBound)
    }
  }

  /// All rows and search entries that can be read, so that whatever traps does.
  private func readAll(_ section: CallFrameSection) -> Int {
    let table = CallFrameTable([section])
    let words = CallFrameWords(section)
    var rows = 0
    for (index, fde) in table.fdes.enumerated() {
      var reader = table.rows(of: fde)
      while let row = try? reader.next() {
        rows += 1
        // Words of all would take minutes.
        if index % 10 == 0 { #expect(!words.describe(row).isEmpty) }
        #expect(
          fde.addresses.lowerBound <= row.addresses.lowerBound && row.addresses.upperBound <= fde.addresses.upperBound)
      }
    }
    return rows
  }

  private func ehFrame() throws -> CallFrameSection {
    var problems: [ELFError] = []
    let sections = CallFrameTable.sections(of: try file(Self.library), problems: &problems)
    let whole = try #require(sections.first)
    // A part, so that many variants of it can be read.
    return CallFrameSection(
      .ehFrame, source: "part of libc", bytes: Array(whole.bytes.prefix(1500)), address: whole.address)
  }

  @Test func truncationsOfARealSectionKeepWhatIsBeforeThem() throws {
    let section = try ehFrame()
    let all = CallFrameTable([section])
    for count in 0..<section.bytes.count {
      let part = CallFrameSection(
        .ehFrame, source: section.source, bytes: Array(section.bytes.prefix(count)), address: section.address)
      let table = CallFrameTable([part])
      #expect(Set(table.fdes) == Set(all.fdes.filter { $0.offset + $0.length <= count }))
      #expect(table.defectCount <= 1)
    }
  }

  @Test func bitFlipsOfARealSectionNeverTrap() throws {
    let section = try ehFrame()
    var generator = SplitMix(state: 11)
    var differing = 0
    let rows = readAll(section)
    for _ in 0..<1000 {
      var bytes = section.bytes
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      }
      let damaged = CallFrameSection(.ehFrame, source: "damaged", bytes: bytes, address: section.address)
      if readAll(damaged) != rows { differing += 1 }
    }
    #expect(differing > 100)
  }

  @Test func randomExpressionsNeverTrapAndEnd() {
    var generator = SplitMix(state: 13)
    var values = 0
    for _ in 0..<5000 {
      let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
        UInt8.random(in: Bool.random(using: &generator) ? 0...255 : 0x06...0x40, using: &generator)
      }
      let section = CallFrameSection(.debugFrame, source: "random", bytes: bytes, address: 0)
      let block = ExpressionBlock(offset: 0, count: bytes.count)
      _ = CallFrameWords(section).describe(expression: block)
      if (try? ExpressionEvaluator.evaluate(block, in: section, initial: [1, 2, 3], context: PlainContext())) != nil {
        values += 1
      }
    }
    #expect(values > 10)
  }
}
