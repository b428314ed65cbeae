import Foundation
import Testing

@testable import CallFrameInfo
@testable import FiberInspection

/// Files whose numbers are far from what there is.
@Suite struct HostileListingTests {
  /// The fixture's program with eight bytes changed, in a directory that goes with the test.
  private func program(
    in directory: TemporaryDirectory, word: UInt64, at place: (ELFFile) throws -> UInt64
  ) throws -> String {
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: ListingFixture.program())))
    let offset = Int(try place(ELFFile(reading: ByteArray(bytes, name: "listing"))))
    for index in 0..<8 { bytes[offset + index] = UInt8(truncatingIfNeeded: word >> (8 * UInt64(index))) }
    let path = directory.file("changed")
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  @Test(arguments: [0x8000_0000_0000_0000, 0xffff_ffff_ffbf_efff] as [UInt64])
  func codeThatClaimsMoreThanHalfOfAllAddressesIsListedAsFarAsItGoes(_ size: UInt64) throws {
    let directory = try TemporaryDirectory()
    let path = try program(in: directory, word: size) { file in
      let text = try #require(file.section(named: ".text"))
      // sh_size
      return file.header.sectionHeaderOffset + UInt64(text.index) * Section.headerSize + 32
    }
    for subject in [ListingSubject.functions, .all] {
      #expect(try listing(subject, of: path).text.contains("framed"))
    }
  }

  @Test func aFunctionAtTheLastAddressHasARange() throws {
    let directory = try TemporaryDirectory()
    let path = try program(in: directory, word: .max) { file in
      let symbols = try #require(try file.symbols())
      let bare = try #require(symbols.first { symbols.name(of: $0) == "bare" })
      // st_value
      return symbols.section.fileOffset + UInt64(bare.index * ELFSymbols.entrySize) + 8
    }
    #expect(try ListedFile(path: path).functionRange(from: .max) == .max ..< .max)
  }
}
