/// Gives fibers ids among a process's threads.
///
/// Fiber n of the first registry is thread 1,000,000,000 + n, so that people can tell: no thread of Linux has such an id (PID_MAX_LIMIT
/// of the kernel's threads.h is 4,194,304). Fibers of other registries, ids from a thousand million on and those that
/// a damaged registry or core gives twice get the numbers from 2,000,000,000 on, in the order they are asked for.
struct DebuggerThreadIDs {
  static let first: Int32 = 1_000_000_000
  static let others: Int32 = 2_000_000_000

  private var taken: Set<Int32>
  private var next = others

  /// - Parameter threads: ids of the process's threads, which no fiber gets.
  init(threads: some Sequence<Int32>) { taken = Set(threads) }

  /// The id of a fiber; nil once there are no more numbers. O(1).
  mutating func id(of fiber: UInt64, registry: Int) -> Int32? {
    if registry == 0, fiber < UInt64(Self.others - Self.first) {
      let id = Self.first + Int32(fiber)
      if taken.insert(id).inserted { return id }
    }
    while next < .max {
      let id = next
      next += 1
      if taken.insert(id).inserted { return id }
    }
    return nil
  }
}
