internal import CContenders

/// One of what a case compares.
struct Contender {
  let name: String
  /// It is this package's, not a peer's.
  let isOurs: Bool
  /// Operations in a slice: a few tenths of a millisecond.
  let slice: Int
  /// Operations before each slice that are not timed and bring its memory back into the caches.
  let warmUp: Int
  let make: () throws -> Workload

  init(_ name: String, isOurs: Bool, slice: Int, warmUp: Int = 1, make: @escaping () throws -> Workload) {
    self.name = name
    self.isOurs = isOurs
    self.slice = max(slice, warmUp)
    self.warmUp = warmUp
    self.make = make
  }
}

/// The stack of each fiber of a ring, in bytes, in C and in Swift.
let ringStackSize = 0x10000

/// A fiber did what none does here.
struct UnexpectedOutcome: Error, CustomStringConvertible {
  let description = "a fiber of a benchmark ended or suspended where none should"
}

/// A contender made, ready to run.
struct Workload {
  /// Runs so many operations. Answers how many units they were.
  let run: (Int) throws -> Int

  init(run: @escaping (Int) throws -> Int) {
    self.run = run
  }

  /// A contender in C. What it has made stays until the process ends.
  init(_ workload: workload) {
    let (run, state) = unsafe (workload.run, workload.state)
    self.run = { unsafe run(state, $0) }
  }
}
