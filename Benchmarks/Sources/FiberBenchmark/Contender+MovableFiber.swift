internal import FiberTrace

// As Contender+Fiber.swift, which says why it is written once more.

extension Contender {
  /// Round trips to movable fibers without values. Many are resumed in the order of their array.
  static func voidMovableFiber(_ count: Int) -> Contender {
    Contender("MovableFiber<Void, Void, Never>", isOurs: true, slice: 20_000, warmUp: count) {
      let fibers = try (0..<count).map { _ in
        try MovableFiber<Void, Void, Never>(stackSize: ringStackSize) { suspend, _ in
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

  /// Round trips to movable fibers that add 1 to what they are given.
  static func integerMovableFiber(_ count: Int) -> Contender {
    Contender("MovableFiber<Int, Int, Never>", isOurs: true, slice: 20_000, warmUp: count) {
      let fibers = try (0..<count).map { _ in
        try MovableFiber<Int, Int, Never>(stackSize: ringStackSize) { suspend, first in
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

  /// Movable fibers that are made, run to their end and let go, on a pool's stack or on one of their own (`fresh`).
  static func createMovableFiber(fresh: Bool, slice: Int) -> Contender {
    Contender("MovableFiber<Void, Void, Void>", isOurs: true, slice: slice) {
      if fresh {
        return Workload { count in
          for _ in 0..<count {
            let fiber = try MovableFiber<Void, Void, Void> { _, _ in }
            guard case .returned = try fiber.resume() else { throw UnexpectedOutcome() }
          }
          return count
        }
      }
      let pool = try FiberStackPool()
      return Workload { count in
        for _ in 0..<count {
          let fiber = try MovableFiber<Void, Void, Void>(stack: try pool.take()) { _, _ in }
          guard case .returned = try fiber.resume() else { throw UnexpectedOutcome() }
        }
        return count
      }
    }
  }
}
