internal import FiberInspection

/// Words of a process's memory as it is between two steps: the stack's are read many at a time.
@safe struct StepWords {
  /// How many bytes are read at a time, so many of them below what was asked for.
  private let before: UInt64

  let memory: any MemoryReader
  private var low: UInt64 = 0
  private var count = 0
  private let buffer: UnsafeMutableRawBufferPointer
  private let storage: Storage

  /// Keeps the buffer.
  @safe private final class Storage {
    let bytes: UnsafeMutableRawBufferPointer
    init(_ size: Int) { unsafe bytes = .allocate(byteCount: size, alignment: 16) }
    deinit { unsafe bytes.deallocate() }
  }

  init(_ memory: any MemoryReader, size: Int = 512, before: UInt64 = 256) {
    self.memory = memory
    self.before = before
    storage = Storage(size)
    unsafe buffer = storage.bytes
  }

  /// An instruction was executed: what was read may have changed.
  @inline(__always) mutating func forget() { count = 0 }

  /// The word at `address`, nil if it cannot be read.
  @inline(__always) mutating func word(at address: UInt64) -> UInt64? {
    let offset = address &- low
    if count >= 8, offset <= UInt64(count - 8) {
      return UInt64(littleEndian: unsafe buffer.loadUnaligned(fromByteOffset: Int(offset), as: UInt64.self))
    }
    return read(address)
  }

  @inline(never) private mutating func read(_ address: UInt64) -> UInt64? {
    // Saved registers lie below the return address, which is asked for first. A page below may be missing.
    for start in [address > before ? address - before : address, address] {
      low = start
      count = unsafe memory.read(at: start, into: buffer)
      let offset = address &- low
      if count >= 8, offset <= UInt64(count - 8) {
        return UInt64(littleEndian: unsafe buffer.loadUnaligned(fromByteOffset: Int(offset), as: UInt64.self))
      }
    }
    count = 0
    return nil
  }
}
