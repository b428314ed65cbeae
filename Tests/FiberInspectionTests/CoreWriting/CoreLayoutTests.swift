import CallFrameInfo
import Foundation
import TestSupport
import Testing

@testable import FiberInspection

/// Headers of cores, read back by our reader of ELF files.
@Suite struct CoreLayoutTests {
  @Test(arguments: [0, 1, 65_533, 65_534, 65_535, 70_000]) func headersSayWhereSegmentsLie(count: Int) throws {
    let segments = (0..<count).map { index in
      let low = UInt64(index + 1) << 16
      return CoreSegment(range: low..<low + 8192, fileSize: UInt64(index % 3) * 4096, flags: UInt32(index % 8))
    }
    let layout = CoreLayout(segments)
    let file = ByteArray(layout.headers(noteSize: 100), name: "headers")
    let header = try ELFHeader(reading: file)
    #expect(header.type == .core)
    // PN_XNUM from 65,535 program headers on.
    let phnum: UInt16 = try #require(file.contents.littleEndian(56))
    #expect((phnum == 0xffff) == (count + 1 >= 65_535))
    let read = try header.programHeaders(in: file)
    #expect(read.count == count + 1)
    #expect(read[0].kind == .note && read[0].fileSize == 100 && read[0].fileOffset == layout.notes)
    var end = UInt64(file.contents.count)
    for (segment, found) in zip(segments, read.dropFirst()) {
      #expect(found.kind == .load && found.virtualRange == segment.range && found.fileSize == segment.fileSize)
      #expect(found.flags == segment.flags && found.fileOffset % 4096 == found.virtualAddress % 4096)
      #expect(found.fileOffset >= end)
      end = found.fileOffset + found.fileSize
    }
    #expect(layout.notes >= end)
  }

  @Test func aTableOfFibersIsReadBackAndADamagedOneRefused() throws {
    let entries = (0..<1000).map { index in
      FiberThreadTable.Entry(
        thread: 1_000_000_000 + Int32(index), registry: 0x5000 + UInt64(index), fiber: UInt64(index) << 40)
    }
    let bytes = FiberThreadTable(entries).descriptor
    #expect(FiberThreadTable(bytes[...])?.entries == entries)
    for size in 0..<8 { #expect(FiberThreadTable(bytes.prefix(size)) == nil) }
    var newer = bytes
    newer[0] = 2
    #expect(FiberThreadTable(newer[...]) == nil)
    // The id of a thread of the system: a table must not hide it.
    let hiding = FiberThreadTable([FiberThreadTable.Entry(thread: 4_194_304, registry: 1, fiber: 1)]).descriptor
    #expect(FiberThreadTable(hiding[...]) == nil)
    var small = bytes
    small[4] = 0
    #expect(FiberThreadTable(small[...]) == nil)
    var generator = SplitMix(state: 5)
    for _ in 0..<20_000 {
      var damaged = FiberThreadTable(Array(entries.prefix(3))).descriptor
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        damaged[Int.random(in: damaged.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      let read = FiberThreadTable(damaged.prefix(Int.random(in: 0...damaged.count, using: &generator)))
      #expect(read?.entries.allSatisfy { $0.thread > FiberThreadTable.highestThread } ?? true)
    }
  }

  @Test func holesOfASparseCoreAreNotRead() throws {
    let low: UInt64 = 1 << 40
    let segments = [low..<low + 1 << 38, low + 1 << 38..<low + 1 << 39].map {
      CoreSegment(range: $0, fileSize: $0.upperBound - $0.lowerBound, flags: 6)
    }
    let layout = CoreLayout(segments)
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/sparse"
    #expect(FileManager.default.createFile(atPath: path, contents: Data(layout.headers(noteSize: 0))))
    let file = try FileHandle(forUpdating: URL(filePath: path))
    try file.truncate(atOffset: layout.notes)
    try file.seek(toOffset: layout.offsets[1] + 1 << 20)
    try file.write(contentsOf: Data([1]))
    let memory = CoreMemory(try CoreFile(path: path))
    let (first, second) = (segments[0].range, segments[1].range)
    // To the next segment, to its data, past them.
    #expect(memory.firstData(from: first.lowerBound + 4096, below: second.upperBound) == first.upperBound)
    let data = second.lowerBound + 1 << 20
    #expect(memory.firstData(from: second.lowerBound, below: second.upperBound) == data)
    #expect(memory.firstData(from: data, below: second.upperBound) == data)
    #expect(memory.firstData(from: data + 4096, below: second.upperBound) == second.upperBound)
    #expect(memory.firstData(from: second.lowerBound, below: data - 1) == data - 1)
    #expect(memory.firstData(from: 0, below: second.upperBound) == 0)
  }

  @Test func flagsOfMappingsAreTakenFromTheirLines() {
    let flags = MappingFlags(
      parsing: """
        7f0000000000-7f0000001000 rw-p 00000000 00:00 0
        Size:                  4 kB
        VmFlags: rd wr mr mw me ac sd
        7f0000002000-7f0000003000 rw-p 00000000 00:00 0
        VmFlags: rd wr mr mw me dd ac sd
        a00000004000-a00000005000 rw-s 00000000 00:06 9   /dev/some dd io
        THPeligible:           0
        VmFlags: rd wr sh mr mw me ms pf io de dd
        VmFlags
        nonsense

        """)
    #expect(flags.isLeftOut == [0x7f00_0000_2000..<0x7f00_0000_3000, 0xa000_0000_4000..<0xa000_0000_5000])
    #expect(flags.isDevice == [0xa000_0000_4000..<0xa000_0000_5000])
  }
}
