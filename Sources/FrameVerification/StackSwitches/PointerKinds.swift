/// Which pointers of several functions lead to structures of one kind.
///
/// Pointers that lie at the same distance from others are of one kind, and so are those they lie at. A structure and one whose
/// address it holds are two: a field of the one is none of the other, though it may lie at the same distance.
struct PointerKinds {
  private struct Pointer: Hashable {
    var harvest: Int
    var base: UInt32
  }

  private var indices: [Pointer: Int] = [:]
  private var parents: [Int] = []
  private var apart: Set<[Int]> = []

  /// O(n log n) in edges.
  init(_ harvests: [FunctionHarvest]) {
    var sources: [Int32: Int] = [:]
    var targets: [Int32: Int] = [:]
    for (place, harvest) in harvests.enumerated() {
      for edge in harvest.edges {
        let from = index(of: Pointer(harvest: place, base: edge.from))
        let to = index(of: Pointer(harvest: place, base: edge.to))
        if let source = sources[edge.offset] { unite(source, from) } else { sources[edge.offset] = from }
        if let target = targets[edge.offset] { unite(target, to) } else { targets[edge.offset] = to }
      }
    }
    for offset in sources.keys {
      guard let source = sources[offset], let target = targets[offset] else { continue }
      let pair = [root(of: source), root(of: target)].sorted()
      if pair[0] != pair[1] { apart.insert(pair) }
    }
  }

  /// Whether the pointers of these bases, each of the function of that place, are known to lead to different structures.
  func areApart(_ first: AbstractValue, of firstPlace: Int, _ second: AbstractValue, of secondPlace: Int) -> Bool {
    guard let one = indices[Pointer(harvest: firstPlace, base: first.base)],
      let other = indices[Pointer(harvest: secondPlace, base: second.base)]
    else { return false }
    return apart.contains([root(of: one), root(of: other)].sorted())
  }

  private mutating func index(of pointer: Pointer) -> Int {
    if let known = indices[pointer] { return known }
    parents.append(parents.count)
    indices[pointer] = parents.count - 1
    return parents.count - 1
  }

  private func root(of index: Int) -> Int {
    var index = index
    while parents[index] != index { index = parents[index] }
    return index
  }

  /// The root, with half of the way to it taken out.
  private mutating func shorten(_ index: Int) -> Int {
    var index = index
    while parents[index] != index {
      parents[index] = parents[parents[index]]
      index = parents[index]
    }
    return index
  }

  private mutating func unite(_ first: Int, _ second: Int) {
    let root = shorten(first)
    parents[shorten(second)] = root
  }
}
