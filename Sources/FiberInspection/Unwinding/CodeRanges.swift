internal import CallFrameInfo

/// Where a process may execute.
struct CodeRanges {
  private let ranges: [Range<UInt64>]

  init(_ mappings: [Mapping]) {
    ranges = mappings.filter(\.isExecutable).map(\.range).sorted { $0.lowerBound < $1.lowerBound }
  }

  /// Whether `address` may be executed. O(log n).
  func contains(_ address: UInt64) -> Bool {
    let index = ranges.firstIndexAbove(address) { $0.lowerBound }
    return index > 0 && ranges[index - 1].contains(address)
  }
}
