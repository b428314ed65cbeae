internal import CProcess
internal import Glibc

/// Which pages of shared memory exist.
///
/// The page map of one process does not tell: another may have written a page that this one has never touched. And
/// reading a page that nobody has written makes it exist, so that a look at sparse shared memory could fill the machine.
/// The file of the memory tells: its holes are what nobody has written.
struct SharedPages {
  /// One of the process.
  let thread: Int32

  /// The parts of a mapping that its file has, whole pages, neighbours joined; nil where nothing tells:
  /// /proc/PID/map_files is for CAP_CHECKPOINT_RESTORE alone, and huge pages (hugetlbfs) know no holes. O(parts).
  func existing(in mapping: Mapping) -> [Range<UInt64>]? {
    let (low, high) = (mapping.range.lowerBound, mapping.range.upperBound)
    let path = "/proc/\(thread)/map_files/\(String(low, radix: 16))-\(String(high, radix: 16))"
    // A device has no holes, and opening it may do something.
    guard (try? FileStatus(path: path))?.kind == .regular, let file = try? OpenFile.open(path) else { return nil }
    let last = mapping.fileOffset.saturatingAdding(high - low)
    let mask = PageMap.pageSize - 1
    var ranges: [Range<UInt64>] = []
    var position = mapping.fileOffset
    while position < last {
      var (start, end) = (off_t(clamping: position), off_t(clamping: last))
      let error = unsafe ft_next_data(file.descriptor, &start, &end)
      // Nothing but a hole is left, or the file ends.
      if error == ENXIO { break }
      // Others write meanwhile: whatever the file says, this goes on towards the end.
      guard error == 0, UInt64(clamping: start) >= position, end > start else { return nil }
      position = (UInt64(end).saturatingAdding(mask)) & ~mask
      let first = UInt64(start) & ~mask
      guard first < last else { break }
      let part = low + (first - mapping.fileOffset)..<low + (min(position, last) - mapping.fileOffset)
      if let previous = ranges.last, previous.upperBound >= part.lowerBound {
        ranges[ranges.count - 1] = previous.lowerBound..<part.upperBound
      } else {
        ranges.append(part)
      }
    }
    return ranges
  }
}
