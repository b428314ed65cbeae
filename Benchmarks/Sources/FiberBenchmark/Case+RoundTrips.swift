internal import CContenders
internal import CXXContenders

extension Case {
  static var roundTrips: [Case] {
    [(1, "1 fiber"), (100, "100 fibers"), (10_000, "10,000 fibers")].flatMap { fibers, words in
      [
        Case(
          name: "round-trip-\(fibers)", title: "Round trip, \(words), no live values", unit: "a round trip",
          references: ["fcontext"],
          contenders: switches(fibers: fibers, live: false) + [
            Contender("Fiber<Void, Void, Never>", slice: 20_000, warmUp: fibers) {
              try .voidRoundTrips(fibers: fibers)
            },
            Contender("Fiber<Int, Int, Never>", slice: 20_000, warmUp: fibers) {
              try .integerRoundTrips(fibers: fibers)
            },
          ]),
        Case(
          name: "round-trip-\(fibers)-live", title: "Round trip, \(words), five live values on both sides",
          unit: "a round trip", references: ["fcontext"], contenders: switches(fibers: fibers, live: true)),
      ]
    }
  }

  private static func switches(fibers: Int, live: Bool) -> [Contender] {
    func contender(_ name: String, slice: Int = 20_000, _ make: @escaping (Int, Bool) -> workload) -> Contender {
      Contender(name, slice: slice, warmUp: fibers) { Workload(make(fibers, live)) }
    }
    return [
      contender("fcontext", round_trip_fcontext),
      contender("fcontext, page-aligned tops", round_trip_fcontext_aligned),
      contender("boost::context::fiber", round_trip_boost_fiber),
      contender("swapcontext", slice: 1_000, round_trip_ucontext),
      contender("C wrappers", round_trip_wrappers),
      contender("plain C entry points", round_trip_plain_c),
    ]
  }
}
