import CFiberTraceFixtures
import FiberTrace
import Foundation
import Testing

/// A value with one owner, which counts its end.
private struct Ticket: ~Copyable {
  let number: Int
  let onEnd: () -> Void
  deinit { onEnd() }
}

private func punch(_ ticket: consuming Ticket) -> Int { ticket.number }

private enum Refusal: Error, Equatable { case number(Int) }

@Suite("Across the boundary of a fiber")
struct BoundaryValueTests {
  @Test("a body holds a noncopyable value while it is suspended, lends it and gives it away")
  func noncopyableValues() throws {
    var ended: [Int] = []
    let fiber = try Fiber<Void, Int, Int> { suspend, _ in
      let lent = Ticket(number: 1) { ended.append(1) }
      let given = Ticket(number: 2) { ended.append(2) }
      try suspend(lent.number)
      let number = punch(given)
      try suspend(number)
      return lent.number
    }
    #expect(try fiber.resume() == .yielded(1))
    #expect(ended == [])
    #expect(try fiber.resume() == .yielded(2))
    #expect(ended == [2])
    #expect(try fiber.resume() == .returned(1))
    #expect(ended == [2, 1])
  }

  @Test("a noncopyable value of a body that is cancelled ends once")
  func noncopyableIsCancelled() throws {
    var ended = 0
    var fiber: Fiber<Void, Void, Void>? = try Fiber { suspend, _ in
      let ticket = Ticket(number: 1) { ended += 1 }
      try suspend()
      _ = punch(ticket)
    }
    _ = try fiber?.resume()
    fiber = nil
    #expect(ended == 1)
  }

  @Test("a Swift error passes through nested fibers to whoever resumed the outermost, as it was thrown")
  func errors() throws {
    var log: [String] = []
    let inner = try Fiber<Void, Void, Void> { suspend, _ in
      defer { log.append("inner") }
      try suspend()
      throw Refusal.number(7)
    }
    let outer = try Fiber<Void, Void, Void> { suspend, _ in
      defer { log.append("outer") }
      _ = try inner.resume()
      try suspend()
      _ = try inner.resume()
    }
    _ = try outer.resume()
    #expect(throws: Refusal.number(7)) { try outer.resume() }
    #expect(log == ["inner", "outer"])
    #expect(inner.state == .finished && outer.state == .finished)
  }

  @Test("thread-local values are those of the thread: a fiber and its resumer share them")
  func threadLocals() throws {
    var key = pthread_key_t()
    unsafe pthread_key_create(&key, nil)
    defer { pthread_key_delete(key) }
    func value() -> Int { unsafe Int(bitPattern: pthread_getspecific(key)) }
    unsafe pthread_setspecific(key, UnsafeRawPointer(bitPattern: 1))
    let fiber = try Fiber<Void, Int, Int> { suspend, _ in
      try suspend(value())
      let seen = value()
      unsafe pthread_setspecific(key, UnsafeRawPointer(bitPattern: 3))
      return seen
    }
    #expect(try fiber.resume() == .yielded(1))
    unsafe pthread_setspecific(key, UnsafeRawPointer(bitPattern: 2))
    #expect(try fiber.resume() == .returned(2))
    #expect(value() == 3)
  }

  @Test("a C++ exception that leaves a body ends the process with a line that names the fiber")
  func foreignException() async throws {
    let result = await #expect(processExitsWith: .signal(SIGABRT), observing: [\.standardErrorContent]) {
      let outer = try Fiber<Void, Void, Void>(name: "outer") { _, _ in
        _ = try Fiber<Void, Void, Void>(name: "thrower") { _, _ in fixture_throw() }.resume()
      }
      _ = try outer.resume()
    }
    let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    let line = errors.split(separator: "\n").first { $0.hasPrefix("FiberTrace: ") } ?? ""
    let expected = /FiberTrace: fiber #\d+ "thrower" throws a foreign exception .* catch it in the fiber/
    #expect(line.wholeMatch(of: expected) != nil, "\(errors)")
  }
}
