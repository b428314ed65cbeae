import Testing

@testable import CallFrameInfo

@Suite struct SystemFileTests {
  private static let programs = Result { try RealFiles.sample(of: "/usr/bin", step: 12) }
  private static let libraries = Result { try RealFiles.sample(of: "/usr/lib/x86_64-linux-gnu", step: 12) }

  @Test func sectionsAndSymbolsAreThoseOfReadelf() throws {
    let paths = try Self.programs.get() + Self.libraries.get()
    #expect(paths.count >= 40)
    for path in paths {
      let file = try ELFFile(reading: RealFiles.source(path))
      let difference = try Readelf.difference(file, path: path)
      #expect(difference == nil)
    }
  }

  @Test func theImageHasTheBytesOfItsSections() throws {
    for path in try Self.programs.get() + Self.libraries.get() {
      let file = try ELFFile(reading: RealFiles.source(path))
      for section in file.sections where section.isAllocated && section.hasBytes && !section.isThreadLocal {
        let bytes = file.bytes(atAddress: section.address, count: Int(section.size))
        #expect(try bytes == file.contents(of: section), "\(path) \(section.name)")
      }
    }
  }

  @Test func withoutSectionHeadersTheSearchTableIsFoundByItsSegment() throws {
    for path in try Self.programs.get() {
      let file = try ELFFile(reading: RealFiles.source(path))
      var bytes = try RealFiles.source(path).contents
      for offset in Array(40..<48) + Array(58..<64) { bytes[offset] = 0 }
      let stripped = try ELFFile(reading: ByteArray(bytes, name: "stripped"))
      #expect(stripped.sections.isEmpty)
      #expect(try stripped.symbols() == nil)
      #expect(stripped.searchTableRange == file.searchTableRange, "\(path)")
      #expect(stripped.buildID == file.buildID, "\(path)")
      guard let section = file.section(named: ".eh_frame") else { continue }
      #expect(try stripped.bytes(atAddress: section.address, count: Int(section.size)) == file.contents(of: section))
    }
  }

  @Test func buildIDsAreThoseOfReadelf() throws {
    for path in try Self.libraries.get() {
      let text = try SystemTool.run("/usr/bin/readelf", ["-n", path])
      let expected = text.split(separator: "\n").first { $0.contains("Build ID: ") }?.split(separator: " ").last
      let id = try ELFFile(reading: RealFiles.source(path)).buildID
      let digits = id?.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      #expect(digits == expected.map(String.init), "\(path)")
    }
  }

  @Test func openingALargeLibraryReadsLittleOfIt() throws {
    let path = try #require(try RealFiles.largestLibrary())
    let source = try OpenedFile(path)
    let file = try ELFFile(reading: source)
    #expect(file.sections.count > 20)
    #expect(source.bytesRead < 1 << 16, "of \(path)")
  }
}
