import TestSupport
import Testing

@testable import CallFrameInfo

/// Builds ELF bytes for tests: a header, then program headers.
struct ELFBytes {
  var bytes: [UInt8]

  init(type: UInt16 = 2, segments: [[UInt64]] = [], count: UInt16? = nil) {
    bytes = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0] + [UInt8](repeating: 0, count: 8)
    append(type)
    append(62 as UInt16)
    append(1 as UInt32)
    append(0x401000 as UInt64)
    append(64 as UInt64)
    append(0 as UInt64)
    append(0 as UInt32)
    append(64 as UInt16)
    append(56 as UInt16)
    append(count ?? UInt16(segments.count))
    append(0 as UInt16)
    append(0 as UInt16)
    append(0 as UInt16)
    // Kind and flags, offset, virtual address, file size, memory size, alignment.
    for segment in segments {
      for (index, value) in segment.enumerated() {
        if index == 2 { append(value) }
        append(value)
      }
    }
  }

  mutating func append<Value: FixedWidthInteger>(_ value: Value) {
    for index in 0..<Value.bitWidth / 8 { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
  }

  var source: ByteArray { ByteArray(bytes, name: "test.elf") }
}

@Suite struct ELFHeaderTests {
  private func error(_ bytes: [UInt8]) -> ELFError? {
    do {
      _ = try ELFHeader(reading: ByteArray(bytes, name: "test.elf"))
      return nil
    } catch {
      return error
    }
  }

  @Test func aHeaderIsReadAsItStands() throws {
    let source = ELFBytes(type: 4, segments: [[0x5_0000_0001, 0x1000, 0x40_0000, 0x200, 0x300, 4096]]).source
    let header = try ELFHeader(reading: source)
    #expect(header.type == .core)
    #expect(header.entry == 0x401000)
    let segments = try header.programHeaders(in: source)
    #expect(segments.count == 1)
    #expect(segments[0].kind == .load && segments[0].isExecutable && !segments[0].isWritable)
    #expect(segments[0].fileRange == 0x1000..<0x1200)
    #expect(segments[0].virtualRange == 0x40_0000..<0x40_0300)
    #expect(segments[0].alignment == 4096)
  }

  @Test func eachDefectHasItsOwnError() {
    let good = ELFBytes().bytes
    func changed(_ offset: Int, _ value: UInt8) -> ELFError? {
      var bytes = good
      bytes[offset] = value
      return error(bytes)
    }
    #expect(error(good) == nil)
    #expect(error([])?.code == .empty)
    #expect(changed(0, 0x7e)?.code == .notELF)
    #expect(error(Array(good.prefix(3)))?.code == .notELF)
    #expect(error(Array(good.prefix(63)))?.code == .truncated)
    #expect(changed(4, 1)?.text == "a 32-bit ELF file, expected 64-bit x86-64")
    #expect(changed(5, 2)?.text == "a big-endian ELF file, expected little-endian x86-64")
    #expect(changed(18, 183)?.text == "an ELF file for AArch64, expected x86-64")
    #expect(changed(18, 183)?.code == .otherMachine)
  }

  @Test func aWrongTypeSaysWhatItIsAndWhatWasWanted() throws {
    let source = ELFBytes(type: 3).source
    let header = try ELFHeader(reading: source)
    let error = #expect(throws: ELFError.self) { try header.require([.core], wanted: "a core", in: source) }
    #expect(error?.description == "test.elf: a shared object or executable, expected a core (at offset 0x10)")
  }

  @Test func aTruncatedTableNamesItsSize() throws {
    let source = ELFBytes(segments: [[1, 0, 0, 0, 0, 0]], count: 9).source
    let header = try ELFHeader(reading: source)
    let error = #expect(throws: ELFError.self) { try header.programHeaders(in: source) }
    #expect(error?.code == .truncated)
    #expect(error?.text == "truncated: 56 of the 504 bytes of its 9 program headers")
  }

  @Test func moreThan65534SegmentsAreCountedBySectionZero() throws {
    var elf = ELFBytes(segments: [[1, 0, 0, 0, 0, 0], [4, 0, 0, 0, 0, 0]], count: 0xffff)
    let sections = elf.bytes.count
    for index in 0..<8 { elf.bytes[40 + index] = UInt8(truncatingIfNeeded: sections >> (8 * index)) }
    elf.bytes += [UInt8](repeating: 0, count: 64)
    elf.bytes[sections + 44] = 2
    #expect(try ELFHeader(reading: elf.source).programHeaders(in: elf.source).map(\.kind) == [.load, .note])
    elf.bytes.removeLast(30)
    #expect(throws: ELFError.self) { try ELFHeader(reading: elf.source) }
  }

  @Test func rangesThatOverflowAreNone() throws {
    let source = ELFBytes(segments: [[1, .max, .max - 1, 2, 2, 0]]).source
    let segments = try ELFHeader(reading: source).programHeaders(in: source)
    #expect(segments[0].fileRange == nil && segments[0].virtualRange == nil)
  }

  @Test func randomChangesNeverTrap() {
    var generator = SplitMix(state: 1)
    let good = ELFBytes(type: 4, segments: [[1, 2, 3, 4, 5, 6], [4, 176, 0, 40, 40, 4]]).bytes
    for _ in 0..<20_000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      let source = ByteArray(bytes, name: "fuzz")
      guard let header = try? ELFHeader(reading: source), let segments = try? header.programHeaders(in: source) else {
        continue
      }
      #expect(UInt64(segments.count) * ProgramHeader.size <= UInt64(bytes.count))
    }
  }
}
