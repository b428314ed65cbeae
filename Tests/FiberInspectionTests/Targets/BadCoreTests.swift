import CallFrameInfo
import Foundation
import TestSupport
import Testing

@testable import FiberInspection

/// Files that are no readable cores.
@Suite struct BadCoreTests {
  private func refusal(_ path: String) -> InspectionError? {
    do {
      _ = try Snapshot.load(core: path)
      return nil
    } catch {
      return error
    }
  }

  @Test func eachKindOfFileThatIsNoCoreHasItsOwnLine() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("file")
    func expect(_ code: InspectionError.Code, _ text: String, _ location: SourceLocation = #_sourceLocation) {
      let error = refusal(path)
      #expect(error?.code == code, sourceLocation: location)
      #expect(error?.place == path, sourceLocation: location)
      #expect(error?.text.contains(text) == true, "\(error?.text ?? "no error")", sourceLocation: location)
      #expect(error?.description.contains("\n") == false, sourceLocation: location)
    }
    func write(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: path)) }

    expect(.notFound, "no such file")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    expect(.notAFile, "a directory")
    try FileManager.default.removeItem(atPath: path)
    unsafe #expect(mkfifo(path, 0o600) == 0)
    expect(.notAFile, "a FIFO")
    try FileManager.default.removeItem(atPath: path)
    try write([])
    expect(.empty, "empty file")
    try write(Array("not a core".utf8))
    expect(.notACore, "does not start as an ELF file")
    try write([0x28, 0xb5, 0x2f, 0xfd, 0, 0])
    expect(.notACore, "compressed by zstd: decompress it first")
    var header = [UInt8](try Data(contentsOf: URL(filePath: "/usr/bin/env")).prefix(64))
    try write(header)
    expect(.notACore, "a shared object or executable, expected a core")
    header[16] = 4
    try write(Array(header.prefix(30)))
    expect(.malformedCore, "truncated: 30 of the 64 bytes of its ELF header")
    try write(header)
    expect(.malformedCore, "program headers")
    header[18] = 183
    try write(header)
    expect(.otherArchitecture, "AArch64")
    header[4] = 1
    try write(header)
    expect(.otherArchitecture, "32-bit")
    header = [UInt8](try Data(contentsOf: URL(filePath: "/usr/bin/env")).prefix(64))
    header[16] = 4
    header[56] = 0
    header[57] = 0
    try write(header)
    expect(.malformedCore, "without program headers")
    #expect(refusal("/dev/null")?.code == .notAFile)
  }

  @Test func anUnreadableFileIsNotPermitted() throws {
    let directory = try TemporaryDirectory()
    unsafe #expect(chmod(directory.path, 0o755) == 0)
    let path = directory.file("core")
    try Data([1]).write(to: URL(filePath: path))
    unsafe #expect(chmod(path, 0o600) == 0)
    let error = try #require(try Elsewhere.asNobody { self.refusal(path) })
    #expect(error.category == .notPermitted)
    #expect(error.text == "not readable: Permission denied. Run as its owner or as root")
  }

  @Test func segmentsThatAllCoverTheWholeFileCostNoMoreThanOne() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("core")
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: "/usr/bin/env")).prefix(64))
    let count = 65_000
    bytes[16] = 4
    bytes[32] = 64
    bytes[56] = UInt8(count & 0xff)
    bytes[57] = UInt8(count >> 8)
    let size = 64 + count * 56
    func word(_ value: Int) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    // Alternately notes and memory: flags read, write, execute; all of the file.
    for index in 0..<count {
      bytes += word(index % 2 == 0 ? 0x7_0000_0004 : 0x7_0000_0001) + word(0) + word(index << 32) + word(0) + word(size)
      bytes += word(size) + word(0)
    }
    try Data(bytes).write(to: URL(filePath: path))
    let snapshot = try Snapshot.load(core: path)
    #expect(snapshot.threads.isEmpty)
    #expect(snapshot.problems.contains { $0.description.contains("no thread in it") })
    #expect(snapshot.memory.word(at: 1 << 32) != nil)
  }

  @Test func aSparseFileThatClaimsMoreThanThereIsMemoryIsReadInPart() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("core")
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: "/usr/bin/env")).prefix(64))
    bytes[16] = 4
    bytes[32] = 64
    bytes[56] = 1
    let size = 1 << 40
    func word(_ value: Int) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    bytes += word(0x7_0000_0004) + word(120) + word(0) + word(0) + word(size) + word(size) + word(4)
    try Data(bytes).write(to: URL(filePath: path))
    unsafe #expect(truncate(path, size) == 0)
    let snapshot = try Snapshot.load(core: path)
    #expect(snapshot.threads.isEmpty)
    #expect(snapshot.problems.contains { $0.description.contains("too many notes") })

    // PN_XNUM, and four billion in sh_info of a section header at 0x80.
    for index in 40..<48 { bytes[index] = index == 40 ? 0x80 : 0 }
    (bytes[56], bytes[57]) = (0xff, 0xff)
    bytes += [UInt8](repeating: 0, count: 0x80 + 44 - bytes.count) + [0xff, 0xff, 0xff, 0xff]
    try Data(bytes).write(to: URL(filePath: path))
    unsafe #expect(truncate(path, size) == 0)
    #expect(refusal(path)?.code == .malformedCore)
    #expect(refusal(path)?.text.contains("4294967295 segments") == true)
  }

  /// As a second crash does to a core of the same name.
  @Test(arguments: CoreMaker.allCases) func aCoreCutWhileItIsReadLosesMemoryAlone(maker: CoreMaker) throws {
    let directory = try TemporaryDirectory()
    let path = try maker.make(of: "many", "3", in: directory)
    let snapshot = try Snapshot.load(core: path)
    let fiber = try #require(snapshot.fiber(1))
    #expect(snapshot.memory.word(at: fiber.base) != nil)
    unsafe #expect(truncate(path, 64) == 0)
    for mapping in snapshot.mappings where mapping.isWritable && mapping.path.isEmpty {
      let words = stride(from: mapping.range.lowerBound, to: mapping.range.upperBound, by: 4096).prefix(2000)
      // What was read before may be known yet.
      #expect(words.count { snapshot.memory.word(at: $0) != nil } <= 256)
    }
  }

  @Test(arguments: CoreMaker.allCases) func randomChangesToHeadersAndNotesNeverTrap(maker: CoreMaker) throws {
    let directory = try TemporaryDirectory()
    let path = try maker.make(of: "many", "3", in: directory)
    let whole = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let core = try CoreFile(path: path)
    let noteEnd = core.segments.filter { $0.kind == .note }.compactMap { $0.fileRange?.upperBound }.max() ?? 0
    let tableEnd = 64 + core.segments.count * 56
    let notes = core.segments.first { $0.kind == .note }.map { Int($0.fileOffset) } ?? tableEnd
    #expect(notes < Int(noteEnd))
    var generator = SplitMix(state: 3)
    let file = try FileHandle(forUpdating: URL(filePath: path))
    var loaded = 0
    for _ in 0..<1500 {
      var changed: [Int] = []
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let place =
          Bool.random(using: &generator)
          ? Int.random(in: 0..<tableEnd, using: &generator) : Int.random(in: notes..<Int(noteEnd), using: &generator)
        changed.append(place)
        let value: UInt8 =
          [0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &generator)].randomElement(
            using: &generator) ?? 0
        try file.seek(toOffset: UInt64(place))
        file.write(Data([value]))
      }
      if let snapshot = try? Snapshot.load(core: path) {
        loaded += 1
        #expect(snapshot.problems.allSatisfy { !$0.description.contains("\n") })
        for thread in snapshot.threads {
          _ = FrameChain(snapshot, from: thread.registers?.framePointer ?? 0)
        }
      }
      for place in changed {
        try file.seek(toOffset: UInt64(place))
        file.write(Data([whole[place]]))
      }
    }
    // Most changes leave something to show.
    #expect(loaded > 300)
    #expect(try Snapshot.load(core: path).registries.first?.fibers.count == 3)
  }
}
