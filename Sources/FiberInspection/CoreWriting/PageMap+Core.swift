extension PageMap {
  /// Which pages a core has of a mapping.
  enum Wanted {
    /// All that exist.
    case existing
    /// Those that differ from the file.
    case modified
  }

  /// Calls `body` with the parts of `range` whose pages are wanted, neighbours joined within 1 GiB; pages that only
  /// mark a guard (MADV_GUARD_INSTALL) are none. False if the file cannot be read. O(pages).
  ///
  /// - Parameter body: answers whether to go on.
  func forEachPart(of range: Range<UInt64>, _ wanted: Wanted, _ body: (Range<UInt64>) -> Bool) -> Bool {
    var low = range.lowerBound
    while low < range.upperBound {
      let high = min(range.upperBound, low.saturatingAdding(Self.window * Self.pageSize))
      guard let entries = entries(of: low..<high) else { return false }
      var start: UInt64?
      for (index, entry) in entries.enumerated() {
        let page = low + UInt64(index) * Self.pageSize
        if Self.isWanted(entry, wanted) {
          if start == nil { start = page }
        } else if let first = start {
          start = nil
          if !body(first..<page) { return true }
        }
      }
      if let start, !body(start..<high) { return true }
      low = high
    }
    return true
  }

  /// Bits of Documentation/admin-guide/mm/pagemap.rst: 63 present, 62 swapped, 61 page of a file or shared, 58 guard
  /// (since Linux 6.15; before, nothing tells a guard from a swapped page, and reading it fails).
  private static func isWanted(_ entry: UInt64, _ wanted: Wanted) -> Bool {
    guard entry & (3 << 62) != 0, entry & (1 << 58) == 0 else { return false }
    return wanted == .existing || entry & (1 << 61) == 0
  }
}
