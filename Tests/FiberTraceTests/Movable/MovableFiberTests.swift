import FiberTrace
import Foundation
import Testing

@Suite("A movable fiber")
struct MovableFiberTests {
  @Test("carries typed values from and to any thread, and its body's value to whoever resumes it last")
  func carriesValues() throws {
    let fiber = try MovableFiber<Int, String, [Int]>(name: "wanderer") { suspend, first in
      var seen = [first]
      for _ in 0..<4 { seen.append(try suspend("got \(seen.count)")) }
      return seen
    }
    #expect(fiber.name == "wanderer")
    #expect(try onThread { try fiber.resume(1) } == .yielded("got 1"))
    #expect(try fiber.resume(2) == .yielded("got 2"))
    #expect(try onThread { try fiber.resume(3) } == .yielded("got 3"))
    #expect(try onThread { try fiber.resume(4) } == .yielded("got 4"))
    #expect(try onThread { try fiber.resume(5) } == .returned([1, 2, 3, 4, 5]))
    #expect(fiber.state == .finished)
  }

  @Test("runs on the thread that resumes it")
  func runsThere() throws {
    let fiber = try MovableFiber<Void, UInt, Never> { suspend, _ in
      while true { try suspend(UInt(pthread_self())) }
    }
    for _ in 0..<3 {
      let (here, there) = try onThread { (UInt(pthread_self()), try fiber.resume()) }
      #expect(there == .yielded(here))
    }
    #expect(try fiber.resume() == .yielded(UInt(pthread_self())))
  }

  @Test("throws its body's error to whoever resumes it, on that thread")
  func throwsThere() throws {
    struct Failure: Error, Equatable {}
    let fiber = try MovableFiber<Void, Void, Void> { suspend, _ in
      try suspend()
      throw Failure()
    }
    _ = try fiber.resume()
    #expect(throws: Failure()) { try onThread { _ = try fiber.resume() } }
    #expect(fiberError { try fiber.resume() }?.code == .finished)
    #expect(try fiber.cancel() == nil)
  }

  @Test("goes through the five states")
  func states() throws {
    let slot = Locked<MovableFiber<Void, Void, Void>?>(nil)
    let seen = Locked<[FiberState?]>([])
    func look() { seen.withLock { $0.append(slot.withLock { $0?.state }) } }
    let inner = try MovableFiber<Void, Void, Void> { _, _ in
      // From another fiber's body it cannot be told whether the first is here or on another thread.
      seen.withLock { $0.append(slot.withLock { $0?.state }) }
    }
    let outer = try MovableFiber<Void, Void, Void> { suspend, _ in
      seen.withLock { $0.append(slot.withLock { $0?.state }) }
      let bound = try Fiber<Void, Void, Void> { _, _ in seen.withLock { $0.append(slot.withLock { $0?.state }) } }
      _ = try bound.resume()
      _ = try inner.resume()
      try suspend()
    }
    slot.withLock { $0 = outer }
    look()
    _ = try outer.resume()
    look()
    _ = try outer.resume()
    look()
    #expect(
      seen.withLock { $0 } == [.notStarted, .running, .resumingAnother, .running, .suspended, .finished])
  }

  @Test("that is resumed or cancelled from within is an error that says where it is")
  func refusals() throws {
    let slot = Locked<MovableFiber<Void, Void, Void>?>(nil)
    let found = Locked<[FiberError?]>([])
    let fiber = try MovableFiber<Void, Void, Void>(name: "ouroboros") { suspend, _ in
      guard let fiber = slot.withLock({ $0 }) else { return }
      func attempt() {
        found.withLock { $0.append(fiberError { try fiber.resume() }) }
        found.withLock { $0.append(fiberError { try fiber.cancel() }) }
      }
      attempt()
      let bound = try Fiber<Void, Void, Void> { _, _ in attempt() }
      _ = try bound.resume()
      try suspend()
    }
    slot.withLock { $0 = fiber }
    _ = try fiber.resume()
    slot.withLock { $0 = nil }
    let errors = found.withLock { $0 }
    #expect(errors.map { $0?.code } == [.running, .running, .resumingAnother, .resumingAnother])
    let title = "fiber #\(fiber.id) \"ouroboros\" cannot be"
    #expect(
      errors.map { $0?.description } == [
        "\(title) resumed: it is running; resume it from outside its body",
        "\(title) cancelled: it is running; let an error leave its body",
        "\(title) resumed: it waits for a fiber that it has resumed; suspend that one first",
        "\(title) cancelled: it waits for a fiber that it has resumed; suspend that one first",
      ])
  }

  @Test("whose last handle goes on another thread is cancelled there")
  func droppedElsewhere() throws {
    let log = Locked<[UInt]>([])
    let slot = Locked<MovableFiber<Void, Void, Void>?>(nil)
    slot.withLock {
      $0 = try? MovableFiber { suspend, _ in
        defer { log.withLock { $0.append(UInt(pthread_self())) } }
        try suspend()
      }
    }
    let id = try #require(slot.withLock { $0?.id })
    _ = try slot.withLock { $0 }?.resume()
    let there = try onThread {
      slot.withLock { $0 = nil }
      return UInt(pthread_self())
    }
    #expect(log.withLock { $0 } == [there])
    #expect(publishedRecord(id: id) == nil)
  }

  @Test("that has not started lets go of what its body has captured when it is cancelled, and has finished")
  func cancelledNotStarted() throws {
    final class Token: Sendable {}
    weak var seen: Token?
    func make() throws -> MovableFiber<Void, Void, Void> {
      let token = Token()
      seen = token
      return try MovableFiber { _, _ in withExtendedLifetime(token) {} }
    }
    let fiber = try make()
    #expect(seen != nil)
    #expect(try fiber.cancel() == nil)
    #expect(seen == nil)
    #expect(fiber.state == .finished)
    #expect(fiberError { try fiber.resume() }?.code == .finished)
  }

  @Test("that is cancelled answers what its body returns all the same, and throws what else it throws")
  func cancelAnswers() throws {
    struct Failure: Error, Equatable {}
    let returning = try MovableFiber<Void, Void, Int> { suspend, _ in
      do { try suspend() } catch { return 7 }
      return 8
    }
    _ = try returning.resume()
    #expect(try onThread { try returning.cancel() } == 7)
    let throwing = try MovableFiber<Void, Void, Int> { suspend, _ in
      do { try suspend() } catch { throw Failure() }
      return 8
    }
    _ = try onThread { try throwing.resume() }
    #expect(throws: Failure()) { try throwing.cancel() }
    #expect(throwing.state == .finished)
  }

  @Test("is handed on by tasks as by threads")
  func tasks() async throws {
    let fiber = try MovableFiber<Int, Int, Never> { suspend, first in
      var sum = first
      while true { sum += try suspend(sum) }
    }
    for number in 1...100 {
      let outcome = try await Task.detached { try fiber.resume(number) }.value
      #expect(outcome == .yielded(number * (number + 1) / 2))
    }
  }
}
