internal import CallFrameInfo

/// What the functions that switch stacks, and those that lay out new ones, hand to each other.
struct HandOverFacts {
  /// More words that may be meant by one load are not told apart.
  static let mostCandidates = 64

  let harvests: [FunctionHarvest]
  let kinds: PointerKinds
  /// Words that are stored, by their distance from a pointer: places in `harvests` and in their publications.
  private var stored: [Int32: [(harvest: Int, publication: Int)]] = [:]

  init(_ harvests: [FunctionHarvest]) {
    self.harvests = harvests
    kinds = PointerKinds(harvests)
    for (place, harvest) in harvests.enumerated() {
      for (index, publication) in harvest.publications.enumerated() {
        stored[publication.field.offset, default: []].append((place, index))
      }
    }
  }

  /// The words that may be meant by a load from `field` in the function of that place; nil if there are too many.
  func words(
    _ field: AbstractValue, of place: Int
  ) -> [(harvest: FunctionHarvest, word: FunctionHarvest.Publication)]? {
    let all = stored[field.offset] ?? []
    guard all.count <= Self.mostCandidates else { return nil }
    return all.compactMap { entry in
      let harvest = harvests[entry.harvest]
      let word = harvest.publications[entry.publication]
      guard (word.field.constant == nil) == (field.constant == nil) else { return nil }
      return kinds.areApart(field, of: place, word.field, of: entry.harvest) ? nil : (harvest, word)
    }
  }
}
