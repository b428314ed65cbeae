extension RandomAccessCollection where Index == Int {
  /// The index of the first element whose key is above `value`, `endIndex` if none is. The elements ascend by that key.
  /// O(log n).
  package func firstIndexAbove(_ value: UInt64, by key: (Element) -> UInt64) -> Int {
    var low = startIndex
    var high = endIndex
    while low < high {
      let middle = low + (high - low) / 2
      if key(self[middle]) <= value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
