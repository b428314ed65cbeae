import FiberTrace
import Synchronization
import Testing

/// Counts objects that are alive.
private final class Census: Sendable {
  private let count = Atomic(0)
  var alive: Int { count.load(ordering: .relaxed) }
  func make() -> Citizen { Citizen(self) }

  final class Citizen: Error {
    private let census: Census
    fileprivate init(_ census: Census) {
      self.census = census
      census.count.add(1, ordering: .relaxed)
    }
    deinit { census.count.subtract(1, ordering: .relaxed) }
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

/// Whether the fiber is bound to its thread.
private enum Kind: String, CaseIterable { case bound, movable }

/// A handle on a fiber of either kind.
private struct Handle {
  let resume: (Citizen) throws -> Fiber<Citizen, Citizen, Citizen>.Outcome
  let cancel: () throws -> Citizen?
  let state: () -> FiberState

  /// A fiber whose body holds an object of its own, and captures and is given others, which it yields.
  init(_ kind: Kind, _ end: End, _ census: Census) throws {
    let captured = census.make()
    switch kind {
    case .bound:
      let fiber = try Fiber(name: end.rawValue) { suspend, first in
        try withExtendedLifetime(captured) { try end.live(census, suspend, first) }
      }
      (resume, cancel, state) = ({ try fiber.resume($0) }, { try fiber.cancel() }, { fiber.state })
    case .movable:
      let fiber = try MovableFiber(name: end.rawValue) { suspend, first in
        try withExtendedLifetime(captured) { try end.live(census, suspend, first) }
      }
      (resume, cancel, state) = ({ try fiber.resume($0) }, { try fiber.cancel() }, { fiber.state })
    }
  }
}

extension End {
  /// What the body does.
  fileprivate func live(
    _ census: Census, _ suspend: Fiber<Citizen, Citizen, Citizen>.Suspend, _ first: Citizen
  ) throws -> Citizen {
    let own = census.make()
    defer { withExtendedLifetime(own) {} }
    if self == .threwAtOnce { throw census.make() }
    var value = try suspend(first)
    do {
      value = try suspend(value)
    } catch {
      switch self {
      case .cancelledSwallowing, .droppedSwallowing:
        for _ in 0..<10 { _ = try? suspend(census.make()) }
        _ = try suspend(census.make())
      case .cancelledReturning, .droppedReturning: return census.make()
      case .cancelledThrowing, .droppedThrowing: throw census.make()
      default: throw error
      }
    }
    if self == .threw { throw census.make() }
    return value
  }
}

@Suite("Nothing leaks")
struct LeakTests {
  @Test(
    "however a bound fiber ends, and whether what it yields is taken or not", arguments: End.allCases, [true, false])
  fileprivate func bound(_ end: End, taken: Bool) throws {
    try live(.bound, end, taken)
  }

  @Test(
    "however a movable fiber ends, and whether what it yields is taken or not", arguments: End.allCases, [true, false])
  fileprivate func movable(_ end: End, taken: Bool) throws {
    try live(.movable, end, taken)
  }

  private func live(_ kind: Kind, _ end: End, _ taken: Bool) throws {
    let census = Census()
    var kept: [Citizen] = []
    do {
      let fiber = try Handle(kind, end, census)
      func resume() throws {
        switch try fiber.resume(census.make()) {
        case .yielded(let value), .returned(let value): if taken { kept.append(value) }
        }
      }
      switch end {
      case .droppedNotStarted: break
      case .cancelledNotStarted: _ = try fiber.cancel()
      case .threwAtOnce: #expect(throws: Citizen.self) { try resume() }
      case .returned, .cancelledFinished, .droppedFinished:
        for _ in 0..<3 { try resume() }
        if end == .cancelledFinished { _ = try fiber.cancel() }
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
        #expect(fiber.state() == .finished)
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
