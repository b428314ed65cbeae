internal import CallFrameInfo
internal import FrameVerification

/// A stretch of code that one FDE describes, or none.
struct ListingPart {
  /// Its addresses, in one section.
  var addresses: Range<UInt64>
  /// The section's index in `ListedFile.sections`.
  var section: Int
  /// The FDE's index in `CallFrameTable.fdes`, nil without one.
  var fde: Int?
}

/// The parts of a file's code in some addresses, in their order. Code without an FDE is cut where symbols begin.
struct ListingParts: Sequence, IteratorProtocol {
  private let file: ListedFile
  private let limits: Range<UInt64>
  private var section: Int
  private var cursor: UInt64
  /// The first FDE, by index, that begins behind the cursor.
  private var following: Int

  /// - Parameter limits: what parts are cut to.
  init(_ file: ListedFile, in limits: Range<UInt64> = 0..<UInt64.max) {
    self.file = file
    self.limits = limits
    section = Swift.max(0, file.sections.firstIndexAbove(limits.lowerBound) { $0.addresses.lowerBound } - 1)
    cursor = limits.lowerBound
    following = file.table.fdes.firstIndexAbove(cursor) { $0.addresses.lowerBound }
  }

  /// The next part. O(log n), and linear in the FDEs that begin in it.
  mutating func next() -> ListingPart? {
    while section < file.sections.count {
      let addresses = file.sections[section].addresses
      let end = Swift.min(addresses.upperBound, limits.upperBound)
      cursor = Swift.max(cursor, addresses.lowerBound)
      guard cursor < end else {
        if end == limits.upperBound { return nil }
        section += 1
        continue
      }
      let fde = file.table.index(at: cursor)
      let stop = fde.map { Swift.min(end, file.table.fdes[$0].addresses.upperBound) } ?? end
      var next = nextFDE(before: stop, otherThan: fde)
      if fde == nil {
        // A symbol tells functions apart where no FDE does.
        let symbols = file.symbols.symbols(in: cursor..<next).drop { $0.start == cursor }
        if let symbol = symbols.first { next = symbol.start }
      }
      defer { cursor = next }
      return ListingPart(addresses: cursor..<next, section: section, fde: fde)
    }
    return nil
  }

  /// Where the next FDE begins that is in force there, `stop` if none does before that.
  private mutating func nextFDE(before stop: UInt64, otherThan fde: Int?) -> UInt64 {
    let fdes = file.table.fdes
    while following < fdes.count {
      let start = fdes[following].addresses.lowerBound
      guard start < stop else { return stop }
      if start > cursor, let found = file.table.index(at: start), found != fde { return start }
      following += 1
    }
    return stop
  }
}
