import Foundation
import FrameVerification
import TestSupport
import Testing

@testable import CallFrameInfo
@testable import FiberInspection

/// Files whose sections lie, each made of an assembled one by a field of a section header.
@Suite struct DamagedListingTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func object(_ source: String) throws -> String {
    let (input, output) = (directory.file("input.s"), directory.file("input.o"))
    try Data(source.utf8).write(to: URL(filePath: input))
    let result = try run("/usr/bin/as", ["--64", "-o", output, input])
    try #require(result.status == 0, "\(result.report)")
    return output
  }

  /// A copy of the file at `path` in which an 8-byte field of some section headers has another value.
  ///
  /// - Parameter change: for a section, the field's offset in the header and its new value.
  private func damaged(_ path: String, _ change: ([Section], Section) -> (offset: Int, value: UInt64)?) throws -> String
  {
    var bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
    let file = try ELFFile(reading: FileBytes(try OpenFile.open(path)))
    for section in file.sections {
      guard let (offset, value) = change(file.sections, section) else { continue }
      let start = Int(file.header.sectionHeaderOffset) + section.index * Int(Section.headerSize) + offset
      for byte in 0..<8 { bytes[start + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
    }
    let result = directory.file("damaged")
    try Data(bytes).write(to: URL(filePath: result))
    return result
  }

  private static let (offsetField, sizeField) = (24, 32)

  @Test func codeOfMoreThanHalfTheAddressSpaceIsListedAsFarAsItGoes() throws {
    let path = try damaged(ListingFixture.program()) { _, section in
      section.name == ".text" ? (Self.sizeField, 1 << 63 + 4096) : nil
    }
    #expect(try listing(.functions, of: path).text.contains(" of code\n"))
    #expect(try listing(.all, of: path).problems.contains { $0.contains("no code at ") })
  }

  @Test func sectionsOfCallFramesThatShareBytesAreNotReadOneByOne() throws {
    let object = try object(
      """
      .text
      nop
      .section .eh_frame, "a", @unwind
      .fill 64
      .section .eh_frame, "a", @unwind, unique, 1
      .fill 64
      """)
    let path = try damaged(object) { sections, section in
      let frames = sections.filter { $0.name == ".eh_frame" }
      return frames.last == section ? (Self.offsetField, frames[0].fileOffset) : nil
    }
    #expect(try ListedFile(path: path).problems.contains { $0.contains("overlap in the file") })
  }

  @Test func codeSectionsThatShareBytesAreNotCopiedOneByOne() throws {
    let object = try object(
      """
      .section .text.one, "ax", @progbits
      .fill 64, 1, 0x90
      .section .text.two, "ax", @progbits
      .fill 64, 1, 0x90
      """)
    let path = try damaged(object) { sections, section in
      section.name == ".text.two" ? (Self.offsetField, sections.first { $0.name == ".text.one" }?.fileOffset ?? 0) : nil
    }
    let file = try ListedFile(path: path)
    #expect(file.problems.contains { $0.contains("overlaps another in the file") })
    #expect(file.sections.count == 1)
  }

  @Test func namesOfSymbolsThatOverlapAreNotCopiedOneByOne() throws {
    // 400 symbols, each with nearly the whole table of 1 MB as its name.
    let functions = (0..<400).map { ".type f\($0), @function\nf\($0): nop\n.size f\($0), 1\n" }.joined()
    let object = try object(
      """
      .text
      \(functions)
      .globl \(String(repeating: "n", count: 1 << 20))
      \(String(repeating: "n", count: 1 << 20)): nop
      """)
    let program = directory.file("program")
    let linked = try run("/usr/bin/ld", ["-e", "0", "-o", program, object])
    try #require(linked.status == 0, "\(linked.output)")
    try renameToParts(program, of: 1 << 20) { $0.isFunction }
    let listed = try ListedFile(path: program)
    #expect(listed.problems.contains { $0.contains("no names: those of its symbols overlap") })
    #expect(listed.symbols.candidates.isEmpty)
  }

  @Test func anFDEThatOthersInterruptIsGoneOnWithWhateverCameBefore() throws {
    let object = try object(
      """
      .text
      start: .fill 100200, 1, 0x90
      .section .eh_frame, "a", @unwind
      cie: .long 1f - 0f
      0: .long 0
      .byte 1, 0, 1, 0x78, 16, 0x0c, 7, 8
      .balign 8
      1:
      .macro fde from, size, rows
      .long 1f - 0f
      0: .long . - cie
      .quad start + \\from, \\size
      .rept \\rows
      .byte 0x41, 0x0e, 16, 0x41, 0x0e, 24
      .endr
      .balign 8
      1:
      .endm
      .set place, 0
      .rept 100
      fde place, 2, 0
      .set place, place + 1
      .endr
      fde 200, 100000, 500
      .set place, 210
      .rept 3000
      fde place, 5, 0
      .set place, place + 33
      .endr
      """)
    let file = try ListedFile(path: object)
    let listing = Listing(file)
    #expect(listing.list(0..<UInt64.max) { _ in true })
    #expect(listing.problems.isEmpty && file.problems.isEmpty)
    #expect(listing.rowsBegun <= file.table.fdes.count, "some are read again and again")
  }

  @Test func zerosAreNoPaddingWhereNoLinkerWouldPad() throws {
    for (size, isShown) in [(100, false), (3 << 20, true)] {
      let object = try object(
        """
        .text
        .type f, @function
        f:
        .cfi_startproc
        ret
        .cfi_endproc
        .size f, 1
        .zero \(size)
        """)
      let (text, problems) = try listing(.functions, of: object)
      #expect(problems == [])
      #expect(text.contains(" f\n") || text.hasSuffix(" f"))
      #expect(text.contains("(no symbol) in .text") == isShown, "\(text)")
    }
  }

  @Test func aSymbolThatManyFieldsReferToIsNamedOnce() throws {
    let object = try object(
      """
      .text
      .rept 10000
      call n
      .endr
      .globl \(String(repeating: "n", count: 1 << 20))
      \(String(repeating: "n", count: 1 << 20)): nop
      """)
    try renameToParts(object, of: 1 << 20) { $0.placement == .undefined && $0.index != 0 }
    let text = try #require(try ListedFile(path: object).sections.first)
    #expect(text.unresolved.count == 10_000)
    #expect(text.unresolvedSymbol(at: text.addresses.lowerBound, count: 5).map { $0.utf8.count > 1 << 19 } == true)
  }

  /// Makes each of some symbols of the file at `path` have as its name a part of the name of so many bytes.
  private func renameToParts(_ path: String, of length: Int, _ isRenamed: (ELFSymbol) -> Bool) throws {
    var bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
    let file = try ELFFile(reading: FileBytes(try OpenFile.open(path)))
    let symbols = try #require(try file.symbols())
    let long = try #require(symbols.first { symbols.name(of: $0).utf8.count == length })
    for symbol in symbols where isRenamed(symbol) {
      let start = Int(symbols.section.fileOffset) + symbol.index * ELFSymbols.entrySize
      let offset = long.nameOffset + UInt32(symbol.index)
      for byte in 0..<4 { bytes[start + byte] = UInt8(truncatingIfNeeded: offset >> (8 * UInt32(byte))) }
    }
    try Data(bytes).write(to: URL(filePath: path))
  }
}
