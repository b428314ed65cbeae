/// Words of a snapshot's memory, read where the bytes lie, or from a buffer filled with what follows an address.
///
/// A walk reads three words a frame from one stack, and the last from elsewhere: two runs of bytes are remembered.
@safe struct SnapshotWords {
  let memory: any MemoryReader

  /// Bytes of the process from `low` on; `start` is meaningless where there are none.
  @safe private struct Run {
    var low: UInt64 = 0
    var count: UInt64 = 0
    @unsafe var start: UnsafeRawPointer
    @unsafe let buffer: UnsafeMutableRawBufferPointer

    @unsafe init(buffer: UnsafeMutableRawBufferPointer, start: UnsafeMutableRawPointer) {
      unsafe self.buffer = buffer
      unsafe self.start = UnsafeRawPointer(start)
    }

    /// The word at `address`, nil if not all of it is here.
    @inline(__always) func word(at address: UInt64) -> UInt64? {
      let offset = address &- low
      guard count >= 8, offset <= count - 8 else { return nil }
      return UInt64(littleEndian: unsafe start.loadUnaligned(fromByteOffset: Int(offset), as: UInt64.self))
    }
  }

  private static let bufferSize = 4096

  private var latest: Run
  private var other: Run
  /// Keeps the buffers.
  private let storage: MemoryArena

  init(_ memory: any MemoryReader) {
    self.memory = memory
    storage = MemoryArena(byteCount: 2 * Self.bufferSize)
    let all = unsafe storage.bytes
    let first = unsafe UnsafeMutableRawBufferPointer(rebasing: all[..<Self.bufferSize])
    let second = unsafe UnsafeMutableRawBufferPointer(rebasing: all[Self.bufferSize...])
    guard let firstStart = first.baseAddress, let secondStart = second.baseAddress else {
      preconditionFailure("a buffer of \(Self.bufferSize) bytes has an address")
    }
    latest = unsafe Run(buffer: first, start: firstStart)
    other = unsafe Run(buffer: second, start: secondStart)
  }

  /// Memory has changed: what was read before says nothing of what is there now.
  mutating func forget() {
    latest.count = 0
    other.count = 0
  }

  /// The word at `address`, nil where the snapshot does not have all of it. O(1) near the last one.
  @inline(__always) mutating func word(at address: UInt64) -> UInt64? {
    latest.word(at: address) ?? find(address)
  }

  @inline(never) private mutating func find(_ address: UInt64) -> UInt64? {
    swap(&latest, &other)
    if let word = latest.word(at: address) { return word }
    if let place = unsafe memory.bytesInPlace(around: address) {
      latest.low = unsafe place.range.lowerBound
      latest.count = unsafe place.range.upperBound - place.range.lowerBound
      unsafe latest.start = place.start
    } else {
      let buffer = unsafe latest.buffer
      guard let start = buffer.baseAddress else { return nil }
      latest.low = address
      latest.count = UInt64(unsafe memory.read(at: address, into: buffer))
      unsafe latest.start = UnsafeRawPointer(start)
    }
    // A word may cross the end of a run that another touches.
    return latest.word(at: address) ?? memory.word(at: address)
  }
}
