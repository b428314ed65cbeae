internal import CProcess
internal import Glibc

/// Copies memory of a stopped process into a file, page by page exactly, through one buffer. Pages of zeros stay holes.
@safe struct UnsafeMemoryStream {
  /// A piece of memory and where it goes.
  struct Piece {
    let range: Range<UInt64>
    let offset: UInt64

    /// The same in pieces of at most `size` bytes.
    func parts(of size: UInt64) -> some Sequence<Piece> {
      stride(from: range.lowerBound, to: range.upperBound, by: Int(size)).lazy.map { low in
        Piece(range: low..<min(low.saturatingAdding(size), range.upperBound), offset: offset + (low - range.lowerBound))
      }
    }
  }

  private static let bufferSize = 1 << 20
  /// IOV_MAX.
  private static let pieceLimit = 1024
  private static let pageSize: UInt64 = 4096

  private let thread: Int32
  private let output: CoreOutput
  @unsafe private let buffer: UnsafeMutableRawBufferPointer
  private let arena = MemoryArena(byteCount: bufferSize)
  /// Pieces that wait to be read, and their size together.
  private var pending: [Piece] = []
  private var pendingSize: UInt64 = 0
  /// Pages that exist by the page map and cannot be read: guards before Linux 6.15, file mappings behind their file's
  /// end.
  private(set) var unreadable = 0
  /// Bytes looked at.
  private(set) var done: UInt64 = 0

  /// - Parameter thread: one of the process.
  init(thread: Int32, output: CoreOutput) {
    self.thread = thread
    self.output = output
    unsafe buffer = arena.bytes
    pending.reserveCapacity(Self.pieceLimit)
  }

  /// Copies a piece, now or later.
  ///
  /// - Throws: ESRCH as `SystemError` when the process has gone, `InspectionError` for the file.
  mutating func add(_ piece: Piece) throws {
    var rest = piece
    while !rest.range.isEmpty {
      let room = UInt64(Self.bufferSize) - pendingSize
      let size = min(rest.range.upperBound - rest.range.lowerBound, room)
      let middle = rest.range.lowerBound + size
      pending.append(Piece(range: rest.range.lowerBound..<middle, offset: rest.offset))
      pendingSize += size
      rest = Piece(range: middle..<rest.range.upperBound, offset: rest.offset + size)
      if pending.count == Self.pieceLimit || pendingSize == UInt64(Self.bufferSize) { try flush() }
    }
  }

  /// Copies what waits.
  mutating func flush() throws {
    while !pending.isEmpty {
      let ranges = pending.map {
        ft_remote_range(address: $0.range.lowerBound, size: $0.range.upperBound - $0.range.lowerBound)
      }
      let count = unsafe ranges.withUnsafeBufferPointer { ranges in
        guard let first = ranges.baseAddress, let start = unsafe buffer.baseAddress else { return 0 }
        return unsafe ft_memory_gather(thread, first, ranges.count, start, Self.bufferSize)
      }
      if count < 0, count != -Int(EFAULT) { throw SystemError(number: Int32(clamping: -count)) }
      try write(max(count, 0))
    }
    pendingSize = 0
  }

  /// Copies a piece of memory that the process itself may not read: /proc/PID/mem asks as a debugger does.
  mutating func addUnreadable(_ piece: Piece, by memory: OpenFile) throws {
    var position = piece.range.lowerBound
    while position < piece.range.upperBound {
      let size = Int(min(Self.pageSize, piece.range.upperBound - position))
      let page = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<size])
      if let count = unsafe try? memory.read(at: position, into: page), count == size {
        unsafe try output.writeSparsely(
          UnsafeRawBufferPointer(page), at: piece.offset + (position - piece.range.lowerBound))
      } else {
        unreadable += 1
      }
      position += UInt64(size)
      done += UInt64(size)
    }
  }

  /// Writes the first `count` bytes of the buffer where they belong, and leaves pending what comes behind the page that
  /// could not be read.
  private mutating func write(_ count: Int) throws {
    var offset = 0
    for (index, piece) in pending.enumerated() {
      let wanted = Int(piece.range.upperBound - piece.range.lowerBound)
      let known = min(count - offset, wanted)
      if known > 0 {
        unsafe try output.writeSparsely(
          UnsafeRawBufferPointer(rebasing: buffer[offset..<offset + known]), at: piece.offset)
        offset += known
        done += UInt64(known)
      }
      if known == wanted { continue }
      let failed = piece.range.lowerBound + UInt64(known)
      let next = min(piece.range.upperBound, (failed | (Self.pageSize - 1)).saturatingAdding(1))
      unreadable += 1
      done += next - failed
      let rest = Piece(range: next..<piece.range.upperBound, offset: piece.offset + (next - piece.range.lowerBound))
      pending.removeFirst(index + 1)
      if !rest.range.isEmpty { pending.insert(rest, at: 0) }
      return
    }
    pending.removeAll(keepingCapacity: true)
  }
}
