internal import FiberTrace

// Fibers resumed as a program resumes them, in loops of their own: a function that is generic over both kinds would not be inlined
// into its loop, and the `ret` of a function that has switched is one that the return predictor misses, at 10 ns.

extension Contender {
  /// Round trips to fibers without values. Many are resumed in the order of their array.
  static func voidFiber(_ count: Int) -> Contender {
    Contender("Fiber<Void, Void, Never>", isOurs: true, slice: 20_000, warmUp: count) {
      let fibers = try (0..<count).map { _ in
        try Fiber<Void, Void, Never>(stackSize: ringStackSize) { suspend, _ in
          while true { try suspend() }
        }
      }
      if count > 1 {
        return Workload { trips in
          for _ in 0..<trips / count {
            for fiber in fibers {
              guard case .yielded = try fiber.resume() else { throw UnexpectedOutcome() }
            }
          }
          return trips / count * count
        }
      }
      let fiber = fibers[0]
      return Workload { trips in
        for _ in 0..<trips {
          guard case .yielded = try fiber.resume() else { throw UnexpectedOutcome() }
        }
        return trips
      }
    }
  }

  /// Round trips between functions that only switch, as a program has them around what suspends or resumes.
  static var voidFiberInFunctions: Contender {
    Contender("Fiber<Void, Void, Never>", isOurs: true, slice: 20_000) {
      let fiber = try Fiber<Void, Void, Never>(stackSize: ringStackSize) { suspend, _ in
        while true { try suspendOnce(suspend) }
      }
      return Workload { trips in
        for _ in 0..<trips { try resumeOnce(fiber) }
        return trips
      }
    }
  }

  @inline(never)
  private static func suspendOnce(_ suspend: Fiber<Void, Void, Never>.Suspend) throws {
    try suspend()
  }

  @inline(never)
  private static func resumeOnce(_ fiber: Fiber<Void, Void, Never>) throws {
    guard case .yielded = try fiber.resume() else { throw UnexpectedOutcome() }
  }

  /// Round trips to fibers that add 1 to what they are given.
  static func integerFiber(_ count: Int) -> Contender {
    Contender("Fiber<Int, Int, Never>", isOurs: true, slice: 20_000, warmUp: count) {
      let fibers = try (0..<count).map { _ in
        try Fiber<Int, Int, Never>(stackSize: ringStackSize) { suspend, first in
          var value = first
          while true { value = try suspend(value &+ 1) }
        }
      }
      if count > 1 {
        return Workload { trips in
          var value = 0
          for _ in 0..<trips / count {
            for fiber in fibers {
              guard case .yielded(let next) = try fiber.resume(value) else { throw UnexpectedOutcome() }
              value = next
            }
          }
          guard value == trips / count * count else { throw UnexpectedOutcome() }
          return value
        }
      }
      let fiber = fibers[0]
      return Workload { trips in
        var value = 0
        for _ in 0..<trips {
          guard case .yielded(let next) = try fiber.resume(value) else { throw UnexpectedOutcome() }
          value = next
        }
        guard value == trips else { throw UnexpectedOutcome() }
        return value
      }
    }
  }

  /// Fibers that are made, run to their end and let go, on a pool's stack or on one of their own (`fresh`).
  static func createFiber(fresh: Bool, slice: Int) -> Contender {
    Contender("Fiber<Void, Void, Void>", isOurs: true, slice: slice) {
      if fresh {
        return Workload { count in
          for _ in 0..<count {
            let fiber = try Fiber<Void, Void, Void> { _, _ in }
            guard case .returned = try fiber.resume() else { throw UnexpectedOutcome() }
          }
          return count
        }
      }
      let pool = try FiberStackPool()
      return Workload { count in
        for _ in 0..<count {
          let fiber = try Fiber<Void, Void, Void>(pool: pool) { _, _ in }
          guard case .returned = try fiber.resume() else { throw UnexpectedOutcome() }
        }
        return count
      }
    }
  }
}
