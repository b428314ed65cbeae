/// How many frames the walks of a dump may take. Fibers of a hostile registry may all have one deep stack, so that the work
/// would be the product of both.
struct WalkBudget {
  /// No walk goes on for longer, whatever is shown of it: a recursion that filled 8 MiB with frames of 64 bytes.
  static let walkLimit = 131_072
  /// Every walk may take as many, however much the others took: few stacks in a process of many are deeper.
  static let floor = 64

  /// Frames beyond the floor that all walks together may yet take.
  private(set) var left = 1 << 20

  /// The most frames that the next walk may take.
  var limit: Int { min(Self.walkLimit, Self.floor + left) }

  /// Counts a walk.
  mutating func take(_ walk: Walk) { left = max(0, left - max(0, walk.frames.count - Self.floor)) }
}
