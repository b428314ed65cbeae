internal import CallFrameInfo
internal import FiberInspection

/// Call frame information of code that is in no file, by address: what one of the two interfaces told of.
///
/// Compilers use memory again: FDEs that come later take the place of those whose code theirs overlaps.
struct JitCallFrames {
  /// Code of one FDE.
  private struct Span {
    var addresses: Range<UInt64>
    var owner: Int
    /// Index in the owner's sections, and the FDE's offset in that.
    var section: Int
    var offset: Int
  }

  /// What was told of in one call.
  private struct Owner {
    var sections: [CallFrameSection]
    /// From its lowest address of code to the highest.
    var hull: Range<UInt64>
  }

  /// By address, disjoint.
  private var spans: [Span] = []
  private var owners: [Int: Owner] = [:]
  private var nextOwner = 0

  /// Takes up all FDEs of `sections` that `isWanted`, and answers by what number `remove` knows them; nil if there is none.
  /// O(n log n) in their number, and the moving of those behind them.
  ///
  /// - Parameter isWanted: by index of the section and offset in it.
  mutating func add(_ sections: [CallFrameSection], where isWanted: (Int, Int) -> Bool = { _, _ in true }) -> Int? {
    var new: [Span] = []
    for (index, section) in sections.enumerated() {
      for case .fde(let fde) in CallFrameRecords(section) where isWanted(index, fde.offset) && !fde.addresses.isEmpty {
        new.append(Span(addresses: fde.addresses, owner: nextOwner, section: index, offset: fde.offset))
      }
    }
    new.sort { ($0.addresses.lowerBound, $0.section, $0.offset) < ($1.addresses.lowerBound, $1.section, $1.offset) }
    new = Self.disjoint(new)
    guard let low = new.first?.addresses.lowerBound, let high = new.last?.addresses.upperBound else { return nil }
    let place = places(touching: low..<high)
    var merged = new
    if !place.isEmpty {
      merged += spans[place].filter { old in !Self.overlaps(old.addresses, new) }
      merged.sort { $0.addresses.lowerBound < $1.addresses.lowerBound }
    }
    spans.replaceSubrange(place, with: merged)
    owners[nextOwner] = Owner(sections: sections, hull: low..<high)
    defer { nextOwner += 1 }
    return nextOwner
  }

  /// Forgets what `add` took up. O(log n), and the moving of those behind them.
  mutating func remove(_ owner: Int) {
    guard let removed = owners.removeValue(forKey: owner) else { return }
    let place = places(touching: removed.hull)
    spans.replaceSubrange(place, with: spans[place].filter { $0.owner != owner })
  }

  /// The row in force at `pc`, nil if none is. O(log n), and linear in the FDE's instructions.
  func row(at pc: UInt64, instructionsLeft: inout Int) throws(CallFrameError) -> FoundRow? {
    let place = spans.firstIndexAbove(pc) { $0.addresses.lowerBound } - 1
    guard place >= 0, spans[place].addresses.contains(pc), let owner = owners[spans[place].owner] else { return nil }
    let section = owner.sections[spans[place].section]
    let (fde, cie) = try section.fde(at: spans[place].offset)
    return try FoundRow(at: pc, fde, cie, section, &instructionsLeft)
  }

  /// Where the spans that overlap `addresses` stand. O(log n).
  private func places(touching addresses: Range<UInt64>) -> Range<Int> {
    var low = spans.firstIndexAbove(addresses.lowerBound) { $0.addresses.lowerBound }
    if low > 0, spans[low - 1].addresses.upperBound > addresses.lowerBound { low -= 1 }
    return low..<max(low, spans.firstIndexAbove(addresses.upperBound - 1) { $0.addresses.lowerBound })
  }

  /// Of those that overlap, the ones that start first, and of those that start together the last.
  private static func disjoint(_ sorted: [Span]) -> [Span] {
    var kept: [Span] = []
    for span in sorted {
      guard let last = kept.last, last.addresses.upperBound > span.addresses.lowerBound else {
        kept.append(span)
        continue
      }
      if last.addresses.lowerBound == span.addresses.lowerBound {
        kept[kept.count - 1] = span
      }
    }
    return kept
  }

  /// Whether one of `sorted`, which are disjoint, has an address of `addresses`. O(log n).
  private static func overlaps(_ addresses: Range<UInt64>, _ sorted: [Span]) -> Bool {
    let place = sorted.firstIndexAbove(addresses.upperBound - 1) { $0.addresses.lowerBound } - 1
    return place >= 0 && sorted[place].addresses.upperBound > addresses.lowerBound
  }
}
