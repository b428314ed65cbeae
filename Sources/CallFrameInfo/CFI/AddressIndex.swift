/// Which of several ranges covers an address: disjoint pieces, sorted.
///
/// Where ranges overlap, the one that starts last wins, and of those that start together the last given. A damaged
/// file can nest thousands: this way a lookup stays a binary search.
struct AddressIndex: Sendable {
  private struct Piece: Sendable {
    var end: UInt64
    var index: Int
  }

  /// Where the pieces start, apart: a search reads nothing else, and of a large file these alone stay in a cache.
  private var starts: [UInt64] = []
  private var pieces: [Piece] = []

  /// - Parameter ranges: sorted by start, with what to return for an address in each. O(n).
  init(sorted ranges: some Sequence<(range: Range<UInt64>, index: Int)>) {
    // Those that have started; the last started is on top. What is below an ended one may have ended earlier.
    var open: [(end: UInt64, index: Int)] = []
    var position: UInt64 = 0
    for (range, index) in ranges where !range.isEmpty {
      close(&open, before: range.lowerBound, &position)
      if let top = open.last, position < range.lowerBound { append(position, range.lowerBound, top.index) }
      position = range.lowerBound
      open.append((range.upperBound, index))
    }
    close(&open, before: .max, &position)
  }

  /// Ends the ranges that end at or before `limit`.
  private mutating func close(_ open: inout [(end: UInt64, index: Int)], before limit: UInt64, _ position: inout UInt64)
  {
    while let top = open.last, top.end <= limit {
      if position < top.end {
        append(position, top.end, top.index)
        position = top.end
      }
      open.removeLast()
    }
  }

  private mutating func append(_ start: UInt64, _ end: UInt64, _ index: Int) {
    starts.append(start)
    pieces.append(Piece(end: end, index: index))
  }

  /// The index of the range that covers `address`, nil for none. O(log n).
  func index(at address: UInt64) -> Int? {
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0, address < pieces[low - 1].end else { return nil }
    return pieces[low - 1].index
  }
}
