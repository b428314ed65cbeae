internal import CallFrameInfo

/// A file read page by page, of which the latest are kept: walks read words, thousands of them near each other.
///
/// It is not mapped, since it may shrink: a second crash truncates a core of the same name, and access to a mapping behind the
/// file's new end would end this program (SIGBUS), as would a disk that fails. What is gone reads as absent.
///
/// Not safe from several threads at once.
@safe final class PagedFile: ByteSource {
  private static let pageSize = 4096
  private static let pageCount = 256

  let file: OpenFile
  /// In bytes, when it was looked at.
  let size: UInt64
  /// For each place in the cache, the page that is there.
  private var pages = [UInt64](repeating: .max, count: pageCount)
  /// How much of it the file had.
  private var counts = [Int](repeating: 0, count: pageCount)
  @unsafe private let cache: UnsafeMutableRawBufferPointer

  /// - Parameter size: the file's size.
  init(_ file: OpenFile, size: UInt64) {
    self.file = file
    self.size = size
    unsafe cache = .allocate(byteCount: Self.pageSize * Self.pageCount, alignment: Self.pageSize)
  }

  deinit { unsafe cache.deallocate() }

  var name: String { file.path }

  func bytes(at offset: UInt64, count: UInt64) -> [UInt8] {
    guard offset < size else { return [] }
    let wanted = Int(clamping: min(count, size - offset))
    return unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initialized in
      initialized = unsafe read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  /// Fills `buffer` from `offset` on as far as the file goes. Answers how many bytes there were.
  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard buffer.count < Self.pageSize else { return unsafe (try? file.read(at: offset, into: buffer)) ?? 0 }
    var done = 0
    while done < buffer.count {
      let (position, overflow) = offset.addingReportingOverflow(UInt64(done))
      if overflow { break }
      let part = unsafe page(position / UInt64(Self.pageSize))
      let start = Int(position % UInt64(Self.pageSize))
      guard start < part.count else { break }
      let count = min(part.count - start, buffer.count - done)
      unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + count])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: part[start..<start + count]))
      done += count
    }
    return done
  }

  /// What there is of a page, read unless it is kept.
  @unsafe private func page(_ number: UInt64) -> UnsafeRawBufferPointer {
    let place = Int(number % UInt64(Self.pageCount))
    let start = place * Self.pageSize
    if pages[place] != number {
      let room = unsafe UnsafeMutableRawBufferPointer(rebasing: cache[start..<start + Self.pageSize])
      let (offset, overflow) = number.multipliedReportingOverflow(by: UInt64(Self.pageSize))
      counts[place] = overflow ? 0 : unsafe (try? file.read(at: offset, into: room)) ?? 0
      pages[place] = number
    }
    return unsafe UnsafeRawBufferPointer(rebasing: cache[start..<start + counts[place]])
  }
}
