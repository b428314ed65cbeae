internal import FiberTrace

/// A function of the sample.
///
/// A structure: functions alone in an array would be stored in their most general form, and each call would go through more
/// frames.
struct Place: Sendable {
  let function: @Sendable (Ship, Voyage.Suspend) throws -> Void

  init(_ function: @escaping @Sendable (Ship, Voyage.Suspend) throws -> Void) {
    self.function = function
  }
}

/// The way of a ship: functions that call one another in this order.
struct Route: Sendable {
  var passages: [Place]
  /// The last, which suspends.
  var mooring: Place

  /// 8 to 16 passages, between the first function, `sail`, and the last: 14 frames on average.
  static let lengths = 8...16

  /// Four routes to each mooring.
  static func all(seed: UInt64) -> [Route] {
    var random = Sequence64(seed: seed)
    return (0..<4).flatMap { _ in
      Place.moorings.map { mooring in
        let count = Int.random(in: lengths, using: &random)
        return Route(
          passages: (0..<count).map { _ in Place.passages[Int.random(in: Place.passages.indices, using: &random)] },
          mooring: mooring)
      }
    }
  }
}

/// Numbers that look random and are the same for the same seed: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
struct Sequence64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
