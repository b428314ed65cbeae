internal import FiberTrace

/// Ended where none should end.
struct UnexpectedEnd: Error, CustomStringConvertible {
  let description = "a fiber of a benchmark ended that never ends"
}

// Typed fibers, used as a program would use them.
extension Workload {
  /// The stack of each fiber of a ring, in bytes.
  private static let ringStackSize = 0x10000

  static func voidRoundTrips(fibers count: Int) throws -> Workload {
    let fibers = try (0..<count).map { _ in
      try Fiber<Void, Void, Never>(stackSize: ringStackSize) { suspend, _ in
        while true { try suspend() }
      }
    }
    if count == 1 {
      let fiber = fibers[0]
      return Workload { trips in
        for _ in 0..<trips {
          guard case .yielded = try fiber.resume() else { throw UnexpectedEnd() }
        }
        return trips
      }
    }
    return Workload { trips in
      for _ in 0..<trips / count {
        for fiber in fibers {
          guard case .yielded = try fiber.resume() else { throw UnexpectedEnd() }
        }
      }
      return trips / count * count
    }
  }

  static func integerRoundTrips(fibers count: Int) throws -> Workload {
    let fibers = try (0..<count).map { _ in
      try Fiber<Int, Int, Never>(stackSize: ringStackSize) { suspend, first in
        var value = first
        while true { value = try suspend(value &+ 1) }
      }
    }
    if count == 1 {
      let fiber = fibers[0]
      return Workload { trips in
        var value = 0
        for _ in 0..<trips {
          guard case .yielded(let next) = try fiber.resume(value) else { throw UnexpectedEnd() }
          value = next
        }
        guard value == trips else { throw UnexpectedEnd() }
        return trips
      }
    }
    return Workload { trips in
      var value = 0
      for _ in 0..<trips / count {
        for fiber in fibers {
          guard case .yielded(let next) = try fiber.resume(value) else { throw UnexpectedEnd() }
          value = next
        }
      }
      guard value == trips / count * count else { throw UnexpectedEnd() }
      return value
    }
  }

  static func creations(fresh: Bool) throws -> Workload {
    Workload { count in
      for _ in 0..<count {
        let fiber = try Fiber<Void, Void, Void> { _, _ in }
        guard case .returned = try fiber.resume() else { throw UnexpectedEnd() }
      }
      return count
    }
  }
}
