/// Bytes of a process, by the process's own addresses: copied from a live one, or read from a core.
///
/// One unwinder and one registry reader work on all of them.
public protocol MemoryReader {
  /// Fills `buffer` from `address` on and answers how many bytes are known, counted from the start: fewer than asked for where
  /// the memory ends, 0 where nothing is known. Never traps, whatever the address.
  func read(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int

  /// The run of bytes around `address` that lies in this program's memory and stays there, unchanged, as long as this reader
  /// lives; nil if there is none, though `read` may know the bytes.
  @unsafe func bytesInPlace(around address: UInt64) -> BytesInPlace?
}

/// Bytes of a process that can be read where they lie: a stack is walked by hundreds of words.
@unsafe public struct BytesInPlace {
  /// Addresses in the process.
  public let range: Range<UInt64>
  /// Where the byte at the low end of `range` lies in this program.
  public let start: UnsafeRawPointer

  /// A run of `range.count` bytes at `start`.
  public init(range: Range<UInt64>, start: UnsafeRawPointer) {
    unsafe self.range = range
    unsafe self.start = start
  }
}

extension MemoryReader {
  /// None.
  @unsafe public func bytesInPlace(around address: UInt64) -> BytesInPlace? { nil }

  /// The little-endian word at `address`, or nil where not all of its eight bytes are known.
  public func word(at address: UInt64) -> UInt64? {
    var value: UInt64 = 0
    let count = unsafe withUnsafeMutableBytes(of: &value) { unsafe read(at: address, into: $0) }
    return count == MemoryLayout<UInt64>.size ? UInt64(littleEndian: value) : nil
  }

  /// Up to `count` bytes from `address` on; fewer where the memory ends. The caller bounds `count`.
  public func bytes(at address: UInt64, count: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = unsafe read(at: address, into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  /// Up to `count` bytes from `address` on, fewer where the memory ends: in pieces, since what is asked for may be far more than
  /// there is. O(the bytes there are).
  package func knownBytes(at address: UInt64, count: UInt64) -> [UInt8] {
    var known: [UInt8] = []
    while UInt64(known.count) < count {
      let wanted = Int(min(count - UInt64(known.count), 1 << 20))
      let piece = bytes(at: address &+ UInt64(known.count), count: wanted)
      known += piece
      if piece.count < wanted { break }
    }
    return known
  }

  /// The NUL-terminated UTF-8 string at `address`, cut after `limit` bytes, ill-formed bytes replaced; nil if nothing is known
  /// there.
  public func string(at address: UInt64, limit: Int = 256) -> String? {
    let bytes = bytes(at: address, count: limit)
    guard !bytes.isEmpty else { return nil }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
