import FiberTrace
import Testing

/// Counts objects that are alive. Not Sendable: each test has its own.
private final class Census {
  private(set) var alive = 0
  func make() -> Citizen { Citizen(self) }

  final class Citizen: Error, @unchecked Sendable {
    private let census: Census
    fileprivate init(_ census: Census) {
      self.census = census
      census.alive += 1
    }
    deinit { census.alive -= 1 }
  }
}

private typealias Citizen = Census.Citizen

/// A way a fiber can end. What its body does, and what is done with it from outside.
private enum End: String, CaseIterable {
  case returned, threw, threwAtOnce
  case cancelledNotStarted, cancelledSuspended, cancelledSwallowing, cancelledReturning, cancelledThrowing
  case cancelledFinished
  case droppedNotStarted, droppedSuspended, droppedSwallowing, droppedReturning, droppedThrowing, droppedFinished
}

@Suite("Nothing leaks")
struct LeakTests {
  /// A fiber whose body holds an object of its own, and captures and is given others, which it yields.
  private func makeFiber(_ end: End, _ census: Census) throws -> Fiber<Citizen, Citizen, Citizen> {
    let captured = census.make()
    return try Fiber(name: end.rawValue) { suspend, first in
      let own = census.make()
      defer { withExtendedLifetime((own, captured)) {} }
      if end == .threwAtOnce { throw census.make() }
      var value = try suspend(first)
      do {
        value = try suspend(value)
      } catch {
        switch end {
        case .cancelledSwallowing, .droppedSwallowing:
          for _ in 0..<10 { _ = try? suspend(census.make()) }
          _ = try suspend(census.make())
        case .cancelledReturning, .droppedReturning: return census.make()
        case .cancelledThrowing, .droppedThrowing: throw census.make()
        default: throw error
        }
      }
      if end == .threw { throw census.make() }
      return value
    }
  }

  @Test("however a fiber ends, and whether what it yields is taken or not", arguments: End.allCases, [true, false])
  fileprivate func ends(_ end: End, taken: Bool) throws {
    let census = Census()
    var kept: [Citizen] = []
    do {
      let fiber = try makeFiber(end, census)
      func resume() throws {
        switch try fiber.resume(census.make()) {
        case .yielded(let value), .returned(let value): if taken { kept.append(value) }
        }
      }
      switch end {
      case .droppedNotStarted: break
      case .cancelledNotStarted: try fiber.cancel()
      case .threwAtOnce: #expect(throws: Citizen.self) { try resume() }
      case .returned, .cancelledFinished, .droppedFinished:
        for _ in 0..<3 { try resume() }
        if end == .cancelledFinished { try fiber.cancel() }
      case .threw:
        for _ in 0..<2 { try resume() }
        #expect(throws: Citizen.self) { try resume() }
      default:
        for _ in 0..<2 { try resume() }
      }
      switch end {
      case .cancelledSuspended, .cancelledSwallowing: #expect(try fiber.cancel() == nil)
      case .cancelledReturning: #expect(try fiber.cancel() != nil)
      case .cancelledThrowing: #expect(throws: Citizen.self) { try fiber.cancel() }
      default: break
      }
      if end.rawValue.hasPrefix("cancelled") {
        #expect(fiber.state == .finished)
        #expect(census.alive == kept.count, "the fiber's handle lives, and nothing else")
      }
      withExtendedLifetime(fiber) {}
    }
    #expect(census.alive == kept.count)
    kept = []
    #expect(census.alive == 0)
  }

  @Test("when a value is offered to a fiber that cannot take it")
  func refusedValues() throws {
    let census = Census()
    do {
      let fiber = try Fiber<Citizen, Void, Void> { suspend, _ in }
      _ = try fiber.resume(census.make())
      #expect(fiberError { try fiber.resume(census.make()) }?.code == .finished)
    }
    #expect(census.alive == 0)
  }

  @Test("when a value is yielded from the wrong stack, or by a fiber that is gone")
  func refusedYields() throws {
    let census = Census()
    var escaped: Fiber<Void, Citizen, Void>.Suspend?
    do {
      let fiber = try Fiber<Void, Citizen, Void> { suspend, _ in
        escaped = suspend
        try suspend(census.make())
      }
      _ = try fiber.resume()
      #expect(fiberError { try escaped?(census.make()) }?.code == .notOnItsStack)
      #expect(fiberError { try escaped?(census.make(), waiting: "in vain") }?.code == .notOnItsStack)
    }
    #expect(fiberError { try escaped?(census.make(), waiting: "-") }?.code == .notOnItsStack)
    #expect(census.alive == 0)
  }
}
