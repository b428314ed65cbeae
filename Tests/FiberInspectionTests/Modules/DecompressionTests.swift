import CallFrameInfo
import Foundation
import TestSupport
import Testing

@testable import FiberInspection

@Suite struct DecompressionTests {
  /// A program with debug information, uncompressed, and its debug file, compressed.
  private func programs(in directory: TemporaryDirectory) throws -> (plain: ELFFile, compressed: ELFFile) {
    let source = directory.file("source.c")
    try Data("int main(int c, char **v) { return v[0][c]; }\n".utf8).write(to: URL(filePath: source))
    let (plain, compressed) = (directory.file("plain"), directory.file("compressed"))
    for (path, arguments) in [
      ("/usr/bin/gcc", ["-g", "-gz=none", "-fno-asynchronous-unwind-tables", source, "-o", plain]),
      ("/usr/bin/objcopy", ["--only-keep-debug", "--compress-debug-sections=zlib", plain, compressed]),
    ] {
      let result = try run(path, arguments)
      try #require(result.status == 0, "\(result.report)")
    }
    func open(_ path: String) throws -> ELFFile {
      try ELFFile(
        reading: ByteArray([UInt8](Data(contentsOf: URL(filePath: path))), name: path), decompress: .zlib)
    }
    return (try open(plain), try open(compressed))
  }

  @Test func compressedSectionsHaveTheContentsOfPlainOnes() throws {
    let directory = try TemporaryDirectory()
    let (plain, compressed) = try programs(in: directory)
    let sections = compressed.sections.filter(\.isCompressed)
    #expect(sections.contains { $0.name == ".debug_info" })
    for section in sections {
      let expected = try plain.contents(of: #require(plain.section(named: section.name)))
      #expect(try compressed.contents(of: section) == expected, "\(section.name)")
    }
  }

  @Test func damagedBytesAreRefused() throws {
    let directory = try TemporaryDirectory()
    let (_, compressed) = try programs(in: directory)
    let section = try #require(compressed.section(named: ".debug_info"))
    let stored = try compressed.storedBytes(of: section)
    let contents = try compressed.contents(of: section)
    let size = contents.count
    let bytes = stored[24...]
    let zlib = Decompressor.zlib
    #expect(zlib.decompress(bytes, .zlib, size)?.count == size)
    #expect(zlib.decompress(bytes, .zlib, size - 1) == nil)
    #expect(zlib.decompress(bytes.dropLast(), .zlib, size) == nil)
    #expect(zlib.decompress([], .zlib, 0) == nil && zlib.decompress([], .zlib, 10) == nil)
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 0x10
      let result = zlib.decompress(damaged, .zlib, size)
      // zlib's checksum covers what comes out; bits that pad a byte change nothing of it.
      #expect(result == nil || result == contents)
    }
  }
}
