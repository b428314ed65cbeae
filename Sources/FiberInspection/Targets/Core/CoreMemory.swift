internal import CallFrameInfo

/// The memory that a core holds. Where a segment's file part ends before its memory, the rest was left out, not zero.
struct CoreMemory: MemoryReader {
  private struct Segment {
    let range: Range<UInt64>
    let fileOffset: UInt64
  }

  private let bytes: PagedFile
  /// By ascending address.
  private let segments: [Segment]

  init(_ core: CoreFile) {
    bytes = core.bytes
    let size = core.bytes.size
    segments = core.segments.compactMap { header -> Segment? in
      guard header.kind == .load, header.fileOffset < size else { return nil }
      let count = min(header.fileSize, header.memorySize, size - header.fileOffset)
      let (end, overflow) = header.virtualAddress.addingReportingOverflow(count)
      if overflow || count == 0 { return nil }
      return Segment(range: header.virtualAddress..<end, fileOffset: header.fileOffset)
    }.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  func read(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var done = 0
    var index = segments.firstIndexAbove(address, by: \.range.lowerBound) - 1
    // Segments may touch.
    while done < buffer.count, index >= 0, index < segments.count {
      let (position, overflow) = address.addingReportingOverflow(UInt64(done))
      let segment = segments[index]
      guard !overflow, segment.range.contains(position) else { break }
      let count = Int(min(UInt64(buffer.count - done), segment.range.upperBound - position))
      let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + count])
      done += unsafe bytes.read(at: segment.fileOffset + (position - segment.range.lowerBound), into: part)
      index += 1
    }
    return done
  }
}
