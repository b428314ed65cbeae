internal import CallFrameInfo

/// What the functions that switch stacks, and those that lay out new ones, hand to each other.
struct HandOverFacts {
  /// More words that may be meant by one load are not told apart.
  static let mostCandidates = 64

  /// A word that one of the functions stores or passes.
  struct Word {
    /// Place of the function in `harvests`.
    var harvest: Int
    var publication: FunctionHarvest.Publication
  }

  let harvests: [FunctionHarvest]
  let kinds: PointerKinds
  /// All words, by their distance from a pointer.
  private var stored: [Int32: [Word]] = [:]

  init(_ harvests: [FunctionHarvest]) {
    self.harvests = harvests
    kinds = PointerKinds(harvests)
    for (place, harvest) in harvests.enumerated() {
      for publication in harvest.publications {
        stored[publication.field.offset, default: []].append(Word(harvest: place, publication: publication))
      }
    }
  }

  /// The words that may be meant by a load from `field` in the function of that place; nil if there are too many.
  func words(_ field: AbstractValue, of place: Int) -> [Word]? {
    let all = stored[field.offset] ?? []
    guard all.count <= Self.mostCandidates else { return nil }
    return all.filter { word in
      (word.publication.field == FunctionHarvest.passed) == (field == FunctionHarvest.passed)
        && !kinds.areApart(field, of: place, word.publication.field, of: word.harvest)
    }
  }
}
