/// The walks of a snapshot's threads, which say on which of them each fiber is.
struct ThreadWalks {
  let builder: TraceBuilder
  /// Where fibers are: complete once `placeMissing` was called, after the last thread.
  private(set) var placement: FiberPlacement
  private var budget = WalkBudget()

  init(_ snapshot: Snapshot) {
    builder = TraceBuilder(bases: FiberBases(snapshot.registries))
    placement = FiberPlacement(snapshot, bases: builder.bases)
  }

  /// A walk within the budget of all of them.
  mutating func walk(from registers: Registers, by unwinder: inout some Unwinder) -> Walk {
    let walk = builder.completed(unwinder.walk(from: registers, limit: budget.limit))
    budget.take(walk)
    return walk
  }

  /// Walks a thread and finds the fibers on it; nil if its registers are not known.
  mutating func walk(
    _ thread: ThreadSnapshot, by unwinder: inout some Unwinder
  ) -> (walk: Walk, stretches: [TraceBuilder.Stretch])? {
    guard let registers = thread.registers else { return nil }
    let walk = walk(from: registers, by: &unwinder)
    let stretches = builder.stretches(of: walk, root: .thread(thread.id))
    placement.take(stretches, of: walk, thread: thread)
    return (walk, stretches)
  }

  /// Looks for the fibers that are on a thread by their count and in no walk.
  mutating func placeMissing(threads: [ThreadSnapshot]) { placement.searchMissing(threads: threads) }
}
