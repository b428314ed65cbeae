internal import CallFrameInfo
internal import FrameVerification

/// The functions of a file that somebody named, with all their parts.
package struct FunctionFilter {
  /// Addresses of their FDEs and symbols, ascending; none overlaps another.
  private let ranges: [Range<UInt64>]
  /// FDEs of the functions, ascending.
  let fdes: [Int]
  /// Names that no function of the file has.
  package let missing: [String]

  /// Looks names up, readable (with parameters or without) or raw. One with `*` or `?` that is no function's own name is a pattern.
  /// O(symbols × patterns), each symbol demangled once.
  package init(_ names: [String], in file: ListedFile) {
    let candidates = file.symbols.candidates
    let spellings = candidates.map { candidate in
      let readable = file.symbols.readable(candidate.name)
      return [candidate.name, readable, withoutParameters(readable)]
    }
    let wanted = Set(names)
    var found = wanted.intersection(spellings.joined())
    let patterns = names.filter { !found.contains($0) && $0.contains { $0 == "*" || $0 == "?" } }.map(GlobPattern.init)
    var chosen = zip(candidates, spellings).filter { _, spellings in
      if !wanted.isDisjoint(with: spellings) { return true }
      let fitting = patterns.filter { spellings.contains(where: $0.matches) }
      found.formUnion(fitting.map(\.text))
      return !fitting.isEmpty
    }.map(\.0)
    var starts: [UInt64] = []
    var ranges: [Range<UInt64>] = []
    // Cold parts have names of their own, after their function's.
    let owners = Set(chosen.map(\.name))
    chosen += candidates.filter { coldOwner(of: $0.name).map(owners.contains) == true }
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
