@testable import FiberInspection

/// Memory made up by a test: parts by address.
final class FakeMemory: MemoryReader {
  private(set) var parts: [(address: UInt64, bytes: [UInt8])]
  /// Reads so far: what a real target would spend system calls on.
  private(set) var reads = 0

  init(_ parts: [(address: UInt64, bytes: [UInt8])]) { self.parts = parts }

  func read(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    reads += 1
    for part in parts where address >= part.address && address - part.address < UInt64(part.bytes.count) {
      let start = Int(address - part.address)
      let count = min(buffer.count, part.bytes.count - start)
      unsafe buffer.copyBytes(from: part.bytes[start..<start + count])
      return count
    }
    return 0
  }

  /// Overwrites a word.
  func set(_ value: UInt64, at address: UInt64) {
    for index in parts.indices {
      let part = parts[index]
      guard address >= part.address, address - part.address + 8 <= UInt64(part.bytes.count) else { continue }
      for byte in 0..<8 {
        parts[index].bytes[Int(address - part.address) + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte))
      }
    }
  }
}
