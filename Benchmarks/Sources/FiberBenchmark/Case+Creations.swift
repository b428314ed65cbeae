internal import CContenders
internal import CXXContenders

extension Case {
  static var creations: [Case] {
    [
      Case(
        name: "create-reused", title: "Create, run to the end and let go, on one stack used again and again",
        unit: "a fiber", references: ["fcontext", "boost::context::fiber"],
        contenders: creations(fresh: false, slice: 10_000)),
      Case(
        name: "create-fresh", title: "Create, run to the end and let go, on a new stack each time", unit: "a fiber",
        references: ["fcontext", "boost::context::fiber"], contenders: creations(fresh: true, slice: 100)),
    ]
  }

  private static func creations(fresh: Bool, slice: Int) -> [Contender] {
    func contender(_ name: String, isOurs: Bool = false, slice: Int, _ make: @escaping (Bool) -> workload) -> Contender
    {
      Contender(name, isOurs: isOurs, slice: slice) { Workload(make(fresh)) }
    }
    return [
      contender("fcontext", slice: slice, create_fcontext),
      contender("boost::context::fiber", slice: slice, create_boost_fiber),
      contender("makecontext", slice: min(slice, 1_000), create_ucontext),
      contender("C, with its record", isOurs: true, slice: slice, create_record),
      .createFiber(fresh: fresh, slice: slice),
      .createMovableFiber(fresh: fresh, slice: slice),
    ] + (fresh ? [] : [.createObject(slice: slice)])
  }
}
