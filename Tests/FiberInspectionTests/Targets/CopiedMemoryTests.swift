import Glibc
import TestSupport
import Testing

@testable import FiberInspection

/// Copies of this process's own memory, laid over each other.
@Suite struct CopiedMemoryTests {
  private static let space = 600

  /// Disjoint ranges in `space` bytes, by ascending address; some touch.
  private func ranges(_ start: UInt64, using generator: inout SplitMix) -> [Range<UInt64>] {
    var position = Int.random(in: 0..<30, using: &generator)
    var ranges: [Range<UInt64>] = []
    while position < Self.space {
      let end = min(Self.space, position + Int.random(in: 1...60, using: &generator))
      ranges.append(start + UInt64(position)..<start + UInt64(end))
      position = end + max(0, Int.random(in: -20..<40, using: &generator))
    }
    return ranges
  }

  @Test func theNewerCopyWinsAndTheOlderHoldsWhereItIsKept() throws {
    var generator = SplitMix(state: 11)
    let memory = ProcessMemory(thread: getpid())
    unsafe try withUnsafeTemporaryAllocation(byteCount: Self.space, alignment: 8) { buffer in
      let start = UInt64(UInt(bitPattern: buffer.baseAddress))
      for _ in 0..<2000 {
        let old = ranges(start, using: &generator)
        let kept = ranges(start, using: &generator)
        let new = ranges(start, using: &generator)
        unsafe buffer.initializeMemory(as: UInt8.self, repeating: 1)
        let early = try memory.copy(old)
        unsafe buffer.initializeMemory(as: UInt8.self, repeating: 2)
        let late = try memory.copy(new)
        let both = early.kept(in: kept, below: late)
        for address in start..<start + UInt64(Self.space) {
          let expected: [UInt8] =
            if new.contains(where: { $0.contains(address) }) {
              [2]
            } else if old.contains(where: { $0.contains(address) }), kept.contains(where: { $0.contains(address) }) {
              [1]
            } else { [] }
          let found = both.bytes(at: address, count: 1)
          // One record for each address would be a flood.
          if found != expected { Issue.record("\(found) instead of \(expected) at \(address - start)") }
        }
        let part = new[0]
        #expect(both.holds(part) && !both.holds(start - 8..<part.upperBound))
      }
    }
  }

  @Test func bytesInPlaceAreThoseThatReadGives() throws {
    let words: [UInt64] = [7, 8, 9, 10]
    try unsafe words.withUnsafeBytes { buffer in
      let start = UInt64(UInt(bitPattern: buffer.baseAddress))
      let memory = try ProcessMemory(thread: getpid()).copy([start..<start + 8, start + 16..<start + 32])
      let place = unsafe try #require(memory.bytesInPlace(around: start + 20))
      unsafe #expect(place.range == start + 16..<start + 32)
      unsafe #expect(place.start.load(as: UInt64.self) == 9)
      unsafe #expect(memory.bytesInPlace(around: start + 8) == nil)
    }
  }
}
