import TestSupport
import Testing

@testable import CallFrameInfo

@Suite struct NoteTests {
  private func notes(_ bytes: [UInt8], alignment: UInt64 = 4) throws -> [Note] {
    var reader = NoteReader(bytes, alignment: alignment, source: "test", base: 0x100)
    var notes: [Note] = []
    while let note = try reader.next() { notes.append(note) }
    return notes
  }

  private func note(_ name: String, _ type: UInt32, _ descriptor: [UInt8], alignment: Int = 4) -> [UInt8] {
    func pad(_ bytes: [UInt8]) -> [UInt8] {
      bytes + [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment)
    }
    func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    let head = word(UInt32(name.utf8.count + 1)) + word(UInt32(descriptor.count)) + word(type)
    return pad(pad(head + Array(name.utf8) + [0]) + descriptor)
  }

  @Test func notesOfBothAlignmentsAreRead() throws {
    for alignment in [4, 8] {
      let bytes =
        note("GNU", 3, [1, 2, 3], alignment: alignment) + note("FiberTrace", 1, Array(0..<8), alignment: alignment)
      let read = try notes(bytes, alignment: UInt64(alignment))
      #expect(read.map(\.name) == ["GNU", "FiberTrace"])
      #expect(read.map(\.type) == [3, 1])
      #expect(read.map { Array($0.descriptor) } == [[1, 2, 3], Array(0..<8)])
      #expect(read[0].descriptor.startIndex == 16)
    }
  }

  @Test func theLastNoteNeedsNoPadding() throws {
    let bytes = note("GNU", 3, [1, 2, 3]).dropLast()
    #expect(try notes(Array(bytes)).map { Array($0.descriptor) } == [[1, 2, 3]])
  }

  @Test func aNoteThatTheSegmentEndsInIsAnErrorWithItsPlace() throws {
    let first = note("GNU", 3, [1, 2, 3, 4])
    var reader = NoteReader(
      first + note("CORE", 1, [5, 6, 7, 8]).dropLast(2), alignment: 4, source: "test", base: 0x100)
    #expect(try reader.next()?.type == 3)
    do {
      _ = try reader.next()
      Issue.record("no error")
    } catch {
      #expect(error.description == "test: a note of 24 bytes where 22 are left (at offset 0x114)")
    }
    #expect(try reader.next() == nil)
  }

  @Test func sizesOfFourGigabytesDoNotTrap() {
    let huge = [UInt8](repeating: 0xff, count: 12)
    #expect(throws: ELFError.self) { try notes(huge) }
    #expect(throws: ELFError.self) { try notes(huge + huge, alignment: 8) }
  }

  @Test func randomBytesNeitherTrapNorHang() {
    var generator = SplitMix(state: 2)
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...64, using: &generator)
      let bytes = (0..<count).map { _ in
        UInt8.random(in: 0...15, using: &generator) & UInt8.random(in: 0...15, using: &generator)
      }
      var reader = NoteReader(bytes, alignment: Bool.random(using: &generator) ? 4 : 8, source: "fuzz", base: 0)
      var read = 0
      while let note = try? reader.next() {
        #expect(note.descriptor.endIndex <= bytes.count)
        read += 1
      }
      #expect(read <= bytes.count / 12)
    }
  }
}
