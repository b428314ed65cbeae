extension RandomAccessCollection {
  /// The first index whose element satisfies `belongsInSecondPartition`, or `endIndex`.
  ///
  /// - Precondition: elements that satisfy it follow all that do not.
  /// - Complexity: O(log n).
  func partitioningIndex(where belongsInSecondPartition: (Element) -> Bool) -> Index {
    var low = startIndex
    var count = self.count
    while count > 0 {
      let half = count / 2
      let middle = index(low, offsetBy: half)
      if belongsInSecondPartition(self[middle]) {
        count = half
      } else {
        low = index(after: middle)
        count -= half + 1
      }
    }
    return low
  }
}
