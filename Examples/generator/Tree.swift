internal import FiberTrace

/// A binary tree with words at its leaves.
indirect enum Tree {
  case leaf(String)
  case node(Tree, Tree)

  /// Its leaves, from left to right.
  func leaves(named name: String) throws -> Generator<String> {
    try Generator(name: name) { yield throws(GeneratorStopped) in try walk(yield) }
  }

  /// The walk is a plain recursion, although it stands still at each leaf.
  @inline(never)
  private func walk(_ yield: Generator<String>.Yield) throws(GeneratorStopped) {
    switch self {
    case .leaf(let word):
      try yield(word)
    case .node(let left, let right):
      try left.walk(yield)
      try right.walk(yield)
    }
  }
}

/// The first place, from 0, where two trees differ in their leaves, whatever their shapes; nil if they do not.
///
/// Neither tree is walked further than that, and no list of leaves is made.
func firstDifference(_ one: Tree, _ other: Tree) throws -> Int? {
  let left = try one.leaves(named: "one tree's leaves")
  let right = try other.leaves(named: "the other's leaves")
  var place = 0
  while true {
    let pair = (left.next(), right.next())
    guard pair.0 == pair.1 else { return place }
    guard pair.0 != nil else { return nil }
    place += 1
  }
}
