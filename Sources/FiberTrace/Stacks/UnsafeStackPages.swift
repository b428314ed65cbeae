internal import CFiberAsm
internal import Glibc

/// The pages of a stack, as far as there are any.
@unsafe
struct UnsafeStackPages {
  /// Lowest address, and the end, in whole pages.
  let low, high: UInt64

  /// The address of the lowest word of 8 bytes that is not zero, or nil.
  ///
  /// A page that was never written is not read, since that would map it: which pages there are is asked of
  /// /proc/self/pagemap. It has pages that are swapped out too, unlike mincore. Where there is no /proc, all pages are
  /// read.
  func lowestWritten() -> UInt64? {
    let page = unsafe UInt64(StackMemory.pageSize)
    let file = unsafe open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)
    defer { if file >= 0 { close(file) } }
    // A few entries at a time, since the stack asked about may be the caller's own.
    let batch = 64
    var start = unsafe low
    while unsafe start < high {
      let count = unsafe min(batch, Int((high - start) / page))
      let present = unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: batch) { entries -> UInt64 in
        let bytes = unsafe pread(file, entries.baseAddress, count * 8, off_t(start / page * 8))
        guard bytes == count * 8 else { return .max }
        var present: UInt64 = 0
        // Bit 63: present. Bit 62: swapped.
        for index in 0..<count where unsafe entries[index] >> 62 != 0 { present |= 1 << UInt64(index) }
        return present
      }
      for index in 0..<count where present & 1 << UInt64(index) != 0 {
        let address = start + UInt64(index) * page
        let found = ft_lowest_word(address, address + page)
        if found < address + page { return found }
      }
      start += UInt64(count) * page
    }
    return nil
  }
}
