internal import CProcess
internal import CallFrameInfo
internal import Glibc

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

  /// The first address from `address` on that is not in a hole of the file, `end` if there is none below: a sparse file has
  /// segments of any size that hold nothing. `address` itself where it is in no segment or the file system tells nothing of holes.
  func firstData(from address: UInt64, below end: UInt64) -> UInt64 {
    let index = segments.firstIndexAbove(address, by: \.range.lowerBound) - 1
    guard index >= 0, segments[index].range.contains(address) else { return min(address, end) }
    let segment = segments[index]
    let offset = segment.fileOffset + (address - segment.range.lowerBound)
    var (start, stop) = (off_t(clamping: offset), off_t(clamping: bytes.size))
    let error = unsafe ft_next_data(bytes.file.descriptor, &start, &stop)
    // Nothing but a hole is left in the file, or in this segment: others may follow.
    let left = min(segment.range.upperBound, end) - address
    return switch error {
    case 0: address + min(UInt64(clamping: start).saturatingSubtracting(offset), left)
    case ENXIO: address + left
    default: address
    }
  }
}
