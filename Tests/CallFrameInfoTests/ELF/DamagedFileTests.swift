import TestSupport
import Testing

@testable import CallFrameInfo

@Suite struct DamagedFileTests {
  /// Reads all there is of a file; answers whether it can be opened.
  @discardableResult
  private func readAll(_ bytes: [UInt8]) -> Bool {
    let zeros = Decompressor([.zlib, .zstd]) { _, _, size in [UInt8](repeating: 0, count: size) }
    guard let file = try? ELFFile(reading: ByteArray(bytes, name: "damaged"), decompress: zeros) else { return false }
    // One expectation a file: they cost more than what they look at.
    var excess: [String] = []
    for section in file.sections {
      var problems: [ELFError] = []
      guard let contents = try? file.contents(of: section, problems: &problems) else { continue }
      if contents.count > (section.isCompressed ? 32_768 : 1) * bytes.count { excess.append(section.name) }
      if problems.count > RelocationIndex.problemLimit { excess.append("problems of \(section.name)") }
      guard section.kind == .symbols || section.kind == .dynamicSymbols, let symbols = try? file.symbols(of: section)
      else { continue }
      let names = symbols.reduce(0) { $0 + (symbols.nameBytes(of: $1)?.count ?? 0) }
      if names > 32 * bytes.count { excess.append("names of \(section.name)") }
    }
    for address in [0, 1, file.header.entry, 1 << 63, .max] {
      if file.bytes(atAddress: address, count: .max).count > bytes.count { excess.append("\(address)") }
    }
    _ = (file.buildID, file.debugLink, file.searchTableRange, try? file.sections(named: ".eh_frame"))
    #expect(excess.isEmpty)
    return true
  }

  /// Small, with groups, relocations and symbols; with `-g` compressed sections too.
  private func object(_ options: [String] = []) throws -> [UInt8] {
    let directory = try TemporaryDirectory()
    let recipe = CompiledObjects.Recipe(compiler: "gcc", language: .assembly, options: options)
    return try RealFiles.source(CompiledObjects.make(recipe, in: directory)).contents
  }

  @Test func anObjectCutAnywhereIsReadOrRefused() throws {
    let bytes = try object(["-Wa,-g", "-gz"])
    #expect(readAll(bytes))
    for count in bytes.indices { readAll(Array(bytes.prefix(count))) }
  }

  @Test func anObjectWithAnyBitOfItsStructuresFlippedIsReadOrRefused() throws {
    let good = try object()
    let file = try ELFFile(reading: ByteArray(good, name: "object"))
    // The headers, and the tables of symbols and relocations; of the rest one bit a byte.
    var structures = Set(0..<64).union(Int(file.header.sectionHeaderOffset)..<good.count)
    for section in file.sections where section.entrySize != 0 {
      if let range = section.fileRange { structures.formUnion(Int(range.lowerBound)..<Int(range.upperBound)) }
    }
    var opened = 0
    for index in good.indices {
      for bit in structures.contains(index) ? Array(0..<8) : [index % 8] {
        var bytes = good
        bytes[index] ^= 1 << bit
        if readAll(bytes) { opened += 1 }
      }
    }
    #expect(opened > good.count, "most bits are not of the header")
  }

  @Test func programsCutAtTheirStructuresAreReadOrRefused() throws {
    for path in ["/usr/bin/true", "/usr/lib/x86_64-linux-gnu/libdl.so.2"] {
      let bytes = try RealFiles.source(path).contents
      let file = try ELFFile(reading: ByteArray(bytes, name: path))
      var edges: Set<UInt64> = [64, UInt64(bytes.count)]
      for index in file.segments.indices { edges.insert(64 + 56 * UInt64(index)) }
      for index in file.sections.indices { edges.insert(file.header.sectionHeaderOffset + 64 * UInt64(index)) }
      for range in file.sections.compactMap(\.fileRange) { edges.formUnion([range.lowerBound, range.upperBound]) }
      for range in file.segments.compactMap(\.fileRange) { edges.formUnion([range.lowerBound, range.upperBound]) }
      for edge in edges {
        for count in [max(Int(edge), 1) - 1, Int(edge), Int(edge) + 1] { readAll(Array(bytes.prefix(count))) }
      }
    }
  }

  @Test func programsWithRandomDamageAreReadOrRefused() throws {
    var generator = SplitMix(state: 3)
    let good = try RealFiles.source("/usr/bin/true").contents
    let file = try ELFFile(reading: ByteArray(good, name: "true"))
    let headers = Int(file.header.sectionHeaderOffset)..<good.count
    for round in 0..<600 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let offset =
          switch round % 3 {
          case 0: Int.random(in: 0..<64 + 56 * file.segments.count, using: &generator)
          case 1: Int.random(in: headers, using: &generator)
          default: Int.random(in: 0..<good.count, using: &generator)
          }
        bytes[offset] = UInt8.random(in: 0...255, using: &generator)
      }
      readAll(bytes)
    }
  }
}
