import Synchronization
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
    let source = CountingSource(try RealFiles.source(path))
    let file = try ELFFile(reading: source)
    #expect(file.sections.count > 20)
    #expect(source.count.total < 1 << 16, "of \(path)")
  }
}

/// Counts the bytes that are read.
private struct CountingSource: ByteSource, Sendable {
  final class Count: Sendable {
    private let value = Mutex<UInt64>(0)
    var total: UInt64 { value.withLock { $0 } }
    func add(_ count: Int) { value.withLock { $0 += UInt64(count) } }
  }

  let base: ByteArray
  let count = Count()

  init(_ base: ByteArray) { self.base = base }

  var name: String { base.name }

  func bytes(at offset: UInt64, count wanted: UInt64) -> [UInt8] {
    let bytes = base.bytes(at: offset, count: wanted)
    count.add(bytes.count)
    return bytes
  }
}
