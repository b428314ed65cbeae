/// /proc/PID/pagemap: which pages of a process exist, so that large stacks are not read where they were never touched.
struct PageMap {
  static let pageSize: UInt64 = 4096
  /// Pages looked at in one go: 1 GiB of addresses, 2 MiB of the file.
  static let window: UInt64 = 1 << 18

  private let file: OpenFile

  init(thread: Int32) throws(SystemError) { file = try OpenFile.open("/proc/\(thread)/pagemap") }

  /// The parts of `range` whose pages are in memory (bit 63) or swapped out (bit 62), neighbours joined; nil if the
  /// file cannot be read. Only the first GiB of a range is looked at. O(pages).
  func present(in range: Range<UInt64>) -> [Range<UInt64>]? {
    guard !range.isEmpty else { return [] }
    let first = range.lowerBound / Self.pageSize
    let last = min((range.upperBound - 1) / Self.pageSize, first + Self.window - 1)
    let source = PageMapBytes(file: file)
    let bytes = source.bytes(at: first * 8, count: Int(last - first + 1) * 8)
    guard !bytes.isEmpty else { return nil }
    var parts: [Range<UInt64>] = []
    for index in 0..<bytes.count / 8 where bytes[index * 8 + 7] & 0xc0 != 0 {
      let page = (first + UInt64(index)) * Self.pageSize
      let part = max(page, range.lowerBound)..<min(page + Self.pageSize, range.upperBound)
      if let previous = parts.last, previous.upperBound == part.lowerBound {
        parts[parts.count - 1] = previous.lowerBound..<part.upperBound
      } else {
        parts.append(part)
      }
    }
    return parts
  }
}

extension PageMap {
  /// The 64-bit entries of the pages of `range`, whose bounds are multiples of a page and which is no larger than a
  /// window; nil if they cannot be read.
  func entries(of range: Range<UInt64>) -> [UInt64]? {
    let count = Int((range.upperBound - range.lowerBound) / Self.pageSize)
    var isRead = false
    let entries = unsafe [UInt64](unsafeUninitializedCapacity: count) { buffer, initialized in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      let done = unsafe (try? file.read(at: range.lowerBound / Self.pageSize * 8, into: bytes)) ?? 0
      isRead = done == count * 8
      initialized = isRead ? count : 0
    }
    return isRead ? entries : nil
  }
}

private struct PageMapBytes {
  let file: OpenFile

  func bytes(at offset: UInt64, count: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = unsafe (try? file.read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))) ?? 0
    }
  }
}
