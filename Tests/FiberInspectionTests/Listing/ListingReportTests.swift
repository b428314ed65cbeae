import Foundation
import TestSupport
import Testing

@testable import CallFrameInfo
@testable import FiberInspection

/// What is listed of Programs/listing.S.
@Suite struct ListingReportTests {
  @Test func allCodeAsText() throws {
    let (text, problems) = try listing(.all, of: ListingFixture.program())
    #expect(problems == [])
    try expectSnapshot(text, "all")
  }

  @Test func aNarrowTerminalGetsNarrowLines() throws {
    let style = TextStyle(columns: 80)
    let (text, _) = try listing(.all, of: ListingFixture.program(), as: .text(style, showsBytes: false))
    try expectSnapshot(text, "columns-80")
    // Heads and titles are not wrapped.
    for line in text.split(separator: "\n") where line.hasPrefix("  40") { #expect(line.utf8.count <= 80, "\(line)") }
  }

  @Test func bytesAndColours() throws {
    let style = TextStyle(usesColor: true)
    let (text, _) = try listing(.function("framed"), of: ListingFixture.program(), as: .text(style, showsBytes: true))
    try expectSnapshot(text.replacing("\u{1b}", with: "ESC"), "bytes-colours")
    let (plain, _) = try listing(
      .function("framed"), of: ListingFixture.program(), as: .text(TextStyle(), showsBytes: true))
    #expect(text.replacing(/\u{1b}\[[0-9;]*m/, with: "") == plain)
  }

  @Test func allCodeAsJSON() throws {
    let (text, _) = try listing(.all, of: ListingFixture.program(), as: .json)
    try expectSnapshot(text, "all.json")
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(text.utf8)) }
  }

  @Test func theFunctionsWithTheirRecords() throws {
    let (text, _) = try listing(.functions, of: ListingFixture.program())
    try expectSnapshot(text, "functions")
    let (json, _) = try listing(.functions, of: ListingFixture.program(), as: .json)
    try expectSnapshot(json, "functions.json")
  }

  @Test func anAddressMarksItsInstruction() throws {
    let (text, _) = try listing(.address(0x401006), of: ListingFixture.program())
    let marked = text.split(separator: "\n").filter { $0.hasPrefix("=>") }
    #expect(marked == ["=>401005  test edi, edi                         rbp+16    ra@c-8 ~rbx@c-24 rbp@c-16"])
    #expect(text.contains("\nframed  .text 0x401000..0x40101d, 29 bytes\n"))
  }

  @Test func aFunctionComesWithWhatItsFDECoversBeforeIt() throws {
    let (text, _) = try listing(.function("restorer"), of: ListingFixture.program())
    #expect(text.contains("\nrestorer  .text 0x401045..0x40104f, 10 bytes\n"))
    #expect(text.contains("\n  401046  mov rax, 0xf\n"))
  }

  @Test func codeWithoutAnFDEIsShownAsSuch() throws {
    let file = try ListedFile(path: ListingFixture.program())
    let bare = try #require(file.symbols.candidates.first { $0.name == "bare" })
    let (text, _) = try listing(.address(bare.start), of: ListingFixture.program())
    #expect(text.contains("\n  no FDE\n"))
    #expect(text.contains("  cmovge eax, ecx\n"))
    #expect(!text.contains("ra@"))
  }

  @Test func anAddressOutsideOfCodeIsRefused() throws {
    let file = try ListedFile(path: ListingFixture.program())
    #expect(throws: FunctionSearchFailure.self) {
      try ListingReport(.address(0x10), of: file, showsSource: false)
    }
  }

  @Test func aRelocatableFileSaysWhatIsLeftToTheLinker() throws {
    let directory = try TemporaryDirectory()
    let source = directory.file("call.S")
    let code =
      ".globl f\nf:\n .cfi_startproc\n .cfi_personality 0x1b, absent_personality\n call absent@PLT\n mov absent_too@GOTPCREL(%rip), %rax\n call f\n ret\n .cfi_endproc\n"
    try Data(code.utf8).write(to: URL(filePath: source))
    let object = directory.file("call.o")
    #expect(try run("/usr/bin/as", ["--64", "-o", object, source]).status == 0)
    let lines = try listing(.all, of: object).text.split(separator: "\n").map(String.init)
    #expect(lines.contains { $0.contains("call") && $0.contains("# to be linked: <absent>") })
    #expect(lines.contains { $0.contains("mov") && $0.contains("# to be linked: <absent_too>") })
    #expect(lines.contains { $0.hasSuffix("call 0x0 <f>") })
    #expect(lines.contains { $0.hasSuffix(", personality to be linked: <absent_personality>") })
  }

  @Test func aFileWithoutSectionHeadersIsListedByItsSegments() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("bare")
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: ListingFixture.program())))
    // e_shoff, and e_shnum with e_shstrndx.
    bytes.replaceSubrange(40..<48, with: [UInt8](repeating: 0, count: 8))
    bytes.replaceSubrange(60..<64, with: [UInt8](repeating: 0, count: 4))
    try Data(bytes).write(to: URL(filePath: path))
    // The rules without the instruction, which may show a name.
    func rows(_ text: String) -> [Substring] {
      text.split(separator: "\n").filter { $0.contains("ra@c-8") }.map { $0.dropFirst(44) }
    }
    let (text, problems) = try listing(.all, of: path)
    #expect(problems == [])
    #expect(text.contains("\n(no symbol)  segment "))
    let (whole, _) = try listing(.all, of: ListingFixture.program())
    #expect(rows(text).count > 15)
    #expect(rows(whole) == rows(text))
  }

  @Test func aDefectiveFDEIsListedAndTheOthersAreShown() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("damaged")
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: ListingFixture.program())))
    // DW_CFA_advance_loc 1, DW_CFA_def_cfa_offset 16: the start of framed's instructions.
    let place = try #require(bytes.firstRange(of: [0x41, 0x0e, 0x10]))
    bytes[place.lowerBound + 1] = 0x3f
    try Data(bytes).write(to: URL(filePath: path))
    let (text, problems) = try listing(.all, of: path)
    #expect(problems.count == 1)
    #expect(problems.first?.hasPrefix("\(path): .eh_frame+0x") == true, "\(problems)")
    // It stands before the second instruction: the first one's row is whole.
    let lines = text.split(separator: "\n")
    let note = try #require(lines.firstIndex { $0.contains("no rows from here on: ") })
    #expect(lines[note - 1].contains("rsp+8 "), "\(lines[note - 1])")
    #expect(lines[note + 1].hasPrefix("  40") && !lines[note + 1].contains("ra@"), "\(lines[note + 1])")
    let (whole, _) = try listing(.all, of: ListingFixture.program())
    // All else is as before.
    let others = { (text: String) in text.components(separatedBy: "\n\n").dropFirst(2) }
    #expect(others(text) == others(whole))
    let instructions = { (text: String) in text.split(separator: "\n").filter { $0.hasPrefix("  40") }.count }
    #expect(instructions(text) == instructions(whole))
  }

  @Test(arguments: [64, 65, 200, 1000, 4096])
  func aTruncatedFileIsAnErrorOrListsWhatThereIs(_ size: Int) throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("short")
    let bytes = try Data(contentsOf: URL(filePath: ListingFixture.program()))
    try bytes.prefix(size).write(to: URL(filePath: path))
    do {
      let (_, problems) = try listing(.all, of: path)
      #expect(problems != [])
    } catch let error as InspectionError {
      #expect(error.description.hasPrefix(path))
    } catch let error as FunctionSearchFailure {
      #expect(error.error.description.hasPrefix(path))
    }
  }
}
