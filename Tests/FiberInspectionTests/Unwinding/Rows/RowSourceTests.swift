import CallFrameInfo
import Foundation
import TestSupport
import Testing

@testable import FiberInspection

/// Where rows come from, and what becomes of a walk where there are none.
@Suite struct RowSourceTests {
  private let rows: RowsModule
  private static let place = RowsModule.place

  init() throws { rows = try RowsModule() }

  /// kept, returning to last.
  private func words() throws -> [UInt64: UInt64] { [Self.place(24): try rows.caller("last")] }

  /// The walk from `kept` with another file in the module's place.
  private func walk(with bytes: [UInt8]) throws -> Walk {
    let path = rows.file("changed-\(UUID().uuidString)")
    try Data(bytes).write(to: URL(filePath: path))
    let words = try words()
    return try rows.walk(from: "kept", [:], words, in: rows.snapshot(words, module: rows.module(path)))
  }

  private func file() throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: rows.path))) }

  private func section(_ name: String) throws -> Section {
    let file = try ELFFile(reading: ByteArray(try file(), name: "rows.so"))
    return try #require(file.section(named: name), "no section \(name)")
  }

  @Test func aStepIsAnsweredForEachAddressWhetherAskedForBeforeOrNot() throws {
    let module = try rows.module()
    var unwinder = RowUnwinder(try rows.snapshot([:], module: module))
    let addresses = module.module.range.lowerBound..<module.module.range.upperBound
    let first = addresses.map { unwinder.step(at: $0).kind }
    #expect(addresses.map { unwinder.step(at: $0).kind } == first)
    #expect(Set(first.map { "\($0)" }).isSuperset(of: ["compact", "uncovered", "outermost"]))
  }

  @Test func debugFrameIsUsedWhereEHFrameHasNothing() throws {
    // debugged + 4: behind the subq, CFA = rsp + 48. A return address is looked up one byte before.
    let walk = try rows.walk(
      from: "kept", [:],
      [Self.place(24): try rows.address("debugged") + 5, Self.place(32 + 40): try rows.caller("last")])
    #expect(walk.end == .outermost && walk.frames.count == 3)
    #expect(walk.frames.last?.found == .cfi && walk.frames.last?.stackPointer == Self.place(32 + 48))
  }

  @Test func aSeparateDebugFileIsFoundByItsBuildID() throws {
    let id = try #require(try rows.module().module.buildID).hexadecimal
    let stripped = rows.file("stripped.so")
    let folder = rows.file(".build-id/\(id.prefix(2))")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let debug = "\(folder)/\(id.dropFirst(2)).debug"
    func objcopy(_ arguments: String...) throws {
      let result = try run("/usr/bin/env", ["objcopy"] + arguments)
      try #require(result.status == 0, "\(result.report)")
    }
    try objcopy("--strip-debug", rows.path, stripped)
    let words = [Self.place(24): try rows.address("debugged") + 5, Self.place(72): try rows.caller("last")]
    let snapshot = try rows.snapshot(words, module: rows.module(stripped))
    #expect(try rows.walk(from: "kept", [:], words, in: snapshot).end != .outermost)
    for compression in ["none", "zlib"] {
      try objcopy("--only-keep-debug", "--compress-debug-sections=\(compression)", rows.path, debug)
      #expect(try rows.walk(from: "kept", [:], words, in: snapshot).end == .outermost, "\(compression)")
    }
    // Of another build: not used.
    let other = try RowsModule()
    try objcopy("--only-keep-debug", "--remove-section=.note.gnu.build-id", other.path, debug)
    #expect(try rows.walk(from: "kept", [:], words, in: snapshot).end != .outermost)
  }

  @Test func callFrameInformationThatCannotBeReadIsAProblemOnce() throws {
    let path = rows.file("compressed.so")
    var bytes = try file()
    let header = try ELFHeader(reading: ByteArray(bytes, name: path))
    // SHF_COMPRESSED in `sh_flags`, where no compression header is.
    bytes[Int(header.sectionHeaderOffset) + Int(try section(".debug_frame").index) * 64 + 8 + 1] |= 0x08
    try Data(bytes).write(to: URL(filePath: path))
    let words = [Self.place(24): try rows.address("debugged") + 5, Self.place(72): try rows.caller("last")]
    let snapshot = try rows.snapshot(words, module: rows.module(path))
    var unwinder = RowUnwinder(snapshot, debugDirectory: rows.file("none"))
    let start = try RowsModule.registers(pc: rows.address("kept"), [:])
    for _ in 0..<2 { #expect(unwinder.walk(from: start, limit: 100).end != .outermost) }
    #expect(unwinder.problems.count == 1)
    let text = unwinder.problems.first?.description ?? ""
    #expect(text.contains("compressed.so: .debug_frame") && text.contains("compressed by"), "\(text)")
  }

  @Test func withoutSectionHeadersTheSegmentsLeadToTheRows() throws {
    var bytes = try file()
    // e_shoff, e_shnum and e_shstrndx.
    for offset in Array(40..<48) + [60, 61, 62, 63] { bytes[offset] = 0 }
    #expect(try walk(with: bytes).end == .outermost)
  }

  @Test func aSearchTableThatLiesMisleadsNobody() throws {
    let hdr = try section(".eh_frame_hdr")
    let bytes = try file()
    // Version, three encodings, the address of .eh_frame, the number of entries; then entries of 8 bytes.
    let start = Int(hdr.fileOffset)
    let entries = start + 12
    let count = (Int(hdr.size) - 12) / 8
    #expect(count > 20)
    var reversed = bytes
    for entry in 0..<count {
      for byte in 0..<8 { reversed[entries + entry * 8 + byte] = bytes[entries + (count - 1 - entry) * 8 + byte] }
    }
    var sameRecord = bytes
    for entry in 0..<count { for byte in 4..<8 { sameRecord[entries + entry * 8 + byte] = bytes[entries + byte] } }
    var wild = bytes
    for entry in 0..<count { for byte in 4..<8 { wild[entries + entry * 8 + byte] = 0x7e } }
    var empty = bytes
    for byte in 8..<12 { empty[start + byte] = 0 }
    var endless = bytes
    for byte in 8..<12 { endless[start + byte] = 0xff }
    var version = bytes
    version[start] = 9
    for changed in [bytes, reversed, sameRecord, wild, empty, endless, version] {
      let walk = try walk(with: changed)
      #expect(walk.end == .outermost && walk.frames.last?.stackPointer == Self.place(32))
    }
  }

  @Test func withoutTheFileTheRowsInMemoryServe() throws {
    let missing = try rows.module(isMissing: true)
    let words = try words()
    // The file's first segments lie in memory as they are in the file: addresses are offsets up to the data.
    let image = Array(try file().prefix(0x2ef0))
    let inMemory = try rows.snapshot(words, module: missing, image: image)
    #expect(try rows.walk(from: "kept", [:], words, in: inMemory).end == .outermost)
    let nowhere = try rows.snapshot(words, module: missing)
    let walk = try rows.walk(from: "kept", [:], words, in: nowhere)
    #expect(walk.frames.count == 1 && walk.failure?.contains("no unwind information covers") == true)
    // Memory that ends inside .eh_frame.
    let cut = try rows.snapshot(words, module: missing, image: Array(image.prefix(0x2100)))
    #expect(try rows.walk(from: "kept", [:], words, in: cut).frames.count >= 1)
  }

  @Test func truncationsAndFlippedBitsOfTheFileEndSomehow() throws {
    let bytes = try file()
    var generator = SplitMix(state: 3)
    var walked = 0
    for _ in 0..<150 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        changed[Int.random(in: 0x40..<0x2400, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      }
      if Bool.random(using: &generator) {
        changed.removeLast(Int.random(in: 0..<(changed.count - 0x400), using: &generator))
      }
      let path = rows.file("damaged")
      try Data(changed).write(to: URL(filePath: path))
      guard let module = try? rows.module(path) else { continue }
      walked += 1
      let words = try words()
      #expect(try !rows.walk(from: "kept", [:], words, in: rows.snapshot(words, module: module)).frames.isEmpty)
    }
    #expect(walked > 50, "most damage is not to what says where segments are")
  }

  @Test func whereNothingCoversAPCTheFramePointerLeadsOn() throws {
    // bare has no row. rbp leads to a record whose return address is in last.
    let frame = Self.place(0x40)
    let walk = try rows.walk(from: "bare", [6: frame], [frame: 88, frame + 8: try rows.caller("last")])
    #expect(walk.frames.map(\.found) == [.cfi, .fp])
    #expect(walk.frames.last?.framePointer == 88 && walk.frames.last?.stackPointer == frame + 16)
    #expect(walk.end == .outermost)
  }

  @Test func whereNeitherLeadsOnTheNearestReturnAddressIsAGuessAndSoIsAllAfterIt() throws {
    // Words that are no code, and code that no call stands before: bare + 2 follows nops.
    let words = [
      Self.place(0): 5, Self.place(8): try rows.address("bare") + 2, Self.place(16): Self.stackWord,
      Self.place(24): try rows.address("after_call"),
      // call_site: CFA = rsp + 16.
      Self.place(40): try rows.caller("last"),
    ]
    let walk = try rows.walk(from: "bare", [6: 0x1234], words)
    #expect(walk.addresses == [try rows.address("bare"), try rows.address("after_call"), try rows.caller("last")])
    #expect(walk.frames.map(\.found) == [.cfi, .scan, .cfi])
    #expect(walk.frames.map(\.restsOnScan) == [false, false, true])
    #expect(walk.frames.map(\.stackPointer) == [0, 32, 48].map(Self.place))
    #expect(walk.end == .outermost)
  }

  private static let stackWord = RowsModule.stack

  @Test func aScanIsBoundedAndStaysOnTheStack() throws {
    func words(_ count: Int) throws -> [UInt64: UInt64] {
      var words = Dictionary(uniqueKeysWithValues: (0..<count).map { (Self.place($0 * 8), 1 as UInt64) })
      words[Self.place(count * 8)] = try rows.address("after_call")
      return words
    }
    let limit = Int(FallbackStep.scanLimit)
    #expect(try rows.walk(from: "bare", [6: 0], words(limit - 1)).frames.count == 2)
    #expect(try rows.walk(from: "bare", [6: 0], words(limit)).failure?.contains("no unwind information") == true)
    // A word is missing: what lies behind is another stack.
    var gap = try words(10)
    gap[Self.place(40)] = nil
    #expect(try rows.walk(from: "bare", [6: 0], gap).frames.count == 1)
  }

  @Test func aCallToNowhereIsLeftByTheTopOfTheStack() throws {
    let words = [Self.place(0): try rows.caller("kept"), Self.place(32): try rows.caller("last")]
    var unwinder = RowUnwinder(try rows.snapshot(words))
    let walk = unwinder.walk(from: RowsModule.registers(pc: 0, [:]), limit: 10)
    #expect(walk.addresses == [0, try rows.caller("kept"), try rows.caller("last")])
    #expect(walk.frames.map(\.found) == [.cfi, .top, .cfi])
  }
}
