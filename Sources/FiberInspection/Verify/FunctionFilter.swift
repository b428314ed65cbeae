internal import CallFrameInfo

/// The functions of a file that somebody named, with all their parts.
package struct FunctionFilter {
  /// Addresses of their FDEs and symbols, ascending; none overlaps another.
  private let ranges: [Range<UInt64>]
  /// FDEs of the functions, ascending.
  let fdes: [Int]
  /// Names that no function of the file has.
  package let missing: [String]

  /// Looks names up, readable (with parameters or without) or raw. O(symbols), each demangled once.
  package init(_ names: [String], in file: ListedFile) {
    var found: Set<String> = []
    var wanted = Set(names)
    var starts: [UInt64] = []
    var ranges: [Range<UInt64>] = []
    func isWanted(_ rawName: String) -> Bool {
      let readable = file.symbols.readable(rawName)
      let matches = wanted.intersection([rawName, readable, withoutParameters(readable)])
      found.formUnion(matches)
      return !matches.isEmpty
    }
    var chosen = file.symbols.candidates.filter { isWanted($0.name) }
    // Cold parts have names of their own, after their function's.
    wanted = Set(chosen.map(\.name))
    chosen += file.symbols.candidates.filter { coldOwner(of: $0.name).map(wanted.contains) == true }
    for candidate in chosen {
      starts.append(candidate.start)
      let end = file.symbols.range(at: candidate.start)?.upperBound ?? candidate.start
      ranges.append(candidate.start..<max(end, candidate.start))
    }
    starts.sort()
    fdes = file.table.fdes.indices.filter { index in
      let addresses = file.table.fdes[index].addresses
      let next = starts.firstIndexAbove(addresses.lowerBound) { $0 }
      if next < starts.count, starts[next] < addresses.upperBound { return true }
      if next > 0, starts[next - 1] == addresses.lowerBound { return true }
      // A further FDE of the same symbol.
      guard let symbol = file.symbols.range(at: addresses.lowerBound)?.lowerBound else { return false }
      let place = starts.firstIndexAbove(symbol) { $0 }
      return place > 0 && starts[place - 1] == symbol
    }
    self.ranges = (ranges + fdes.map { file.table.fdes[$0].addresses }).merged
    missing = names.filter { !found.contains($0) }
  }

  /// Whether it is an address of one of the functions. O(log n).
  package func contains(_ address: UInt64) -> Bool {
    let index = ranges.firstIndexAbove(address) { $0.lowerBound } - 1
    return index >= 0 && ranges[index].contains(address)
  }
}

extension [Range<UInt64>] {
  /// The same addresses in ranges that do not overlap, ascending.
  fileprivate var merged: [Range<UInt64>] {
    var result: [Range<UInt64>] = []
    for range in sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
      if let last = result.last, range.lowerBound <= last.upperBound {
        result[result.count - 1] = last.lowerBound..<Swift.max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }
}
