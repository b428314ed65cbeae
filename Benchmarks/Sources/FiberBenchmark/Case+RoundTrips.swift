internal import CContenders
internal import CXXContenders

extension Case {
  static var roundTrips: [Case] {
    [(1, "1 fiber"), (100, "100 fibers"), (10_000, "10,000 fibers")].flatMap { fibers, words in
      [
        roundTrip(
          "round-trip-\(fibers)", "\(words), no live values",
          switches(fibers, around: NO_LIVE_VALUES) + [
            .voidFiber(fibers), .integerFiber(fibers), .voidMovableFiber(fibers), .integerMovableFiber(fibers),
          ]),
        roundTrip(
          "round-trip-\(fibers)-live", "\(words), five live values on both sides",
          switches(fibers, around: FIVE_LIVE_VALUES)),
      ]
    } + [
      roundTrip(
        "round-trip-1-function", "1 fiber, each side in a function that only switches",
        switches(1, around: FUNCTION) + [.voidFiberInFunctions])
    ]
  }

  private static func roundTrip(_ name: String, _ words: String, _ contenders: [Contender]) -> Case {
    Case(
      name: name, title: "Round trip, \(words)", unit: "a round trip", references: ["fcontext"], contenders: contenders)
  }

  private static func switches(_ fibers: Int, around: surroundings) -> [Contender] {
    func contender(
      _ name: String, isOurs: Bool = false, slice: Int = 20_000, _ make: @escaping (Int, surroundings) -> workload
    ) -> Contender {
      Contender(name, isOurs: isOurs, slice: slice, warmUp: fibers) { Workload(make(fibers, around)) }
    }
    // Where tops lie matters to many fibers.
    let aligned = fibers == 1 ? [] : [contender("fcontext, page-aligned tops", round_trip_fcontext_aligned)]
    return [contender("fcontext", round_trip_fcontext)] + aligned + [
      contender("boost::context::fiber", round_trip_boost_fiber),
      contender("swapcontext", slice: 1_000, round_trip_ucontext),
      contender("C wrappers", isOurs: true, round_trip_wrappers),
      contender("plain C entry points", isOurs: true, round_trip_plain_c),
    ]
  }
}
