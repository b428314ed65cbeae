import FiberTrace
import Foundation
import Testing

@Suite("Dropping the last handle")
struct DropTests {
  @Test("of a suspended fiber makes its suspend throw, and runs its defers and deinits")
  func unwinds() throws {
    var log: [String] = []
    var fiber: Fiber<Void, Void, Void>? = try Fiber(name: "dropped") { suspend, _ in
      let witness = Witness { log.append("deinit") }
      defer { log.append("defer") }
      do {
        try suspend()
        log.append("went on")
      } catch let error as FiberError {
        log.append("\(error.code) \(error.fiberName ?? "")")
        throw error
      }
      withExtendedLifetime(witness) {}
    }
    _ = try fiber?.resume()
    let copy = fiber
    fiber = nil
    #expect(log.isEmpty)
    _ = consume copy
    #expect(log == ["cancelled dropped", "defer", "deinit"] || log == ["cancelled dropped", "deinit", "defer"])
  }

  @Test("makes every further suspend throw at once")
  func furtherSuspendsThrow() throws {
    var codes: [FiberError.Code] = []
    var fiber: Fiber<Void, Int, Void>? = try Fiber { suspend, _ in
      for number in 0..<4 {
        do throws(FiberError) { try suspend(number) } catch { codes.append(error.code) }
      }
    }
    _ = try fiber?.resume()
    fiber = nil
    #expect(codes == [.cancelled, .cancelled, .cancelled, .cancelled])
  }

  @Test("lets a body that is being cancelled run other fibers, and cancels those it holds")
  func cancelsNested() throws {
    var log: [String] = []
    var outer: Fiber<Void, Void, Void>? = try Fiber { suspend, _ in
      let inner = try Fiber<Void, Void, Void> { suspend, _ in
        defer { log.append("inner") }
        try suspend()
      }
      defer { log.append("outer") }
      _ = try inner.resume()
      defer {
        let last = try? Fiber<Void, Never, Int> { _, _ in 3 }.resume()
        log.append(last == .returned(3) ? "ran" : "did not run")
      }
      try suspend()
      withExtendedLifetime(inner) {}
    }
    _ = try outer?.resume()
    outer = nil
    #expect(Set(log) == ["ran", "outer", "inner"])
  }

  @Test("of a fiber that has not started lets go of what its body has captured, and runs nothing")
  func notStarted() throws {
    var log: [String] = []
    weak var seen: Witness?
    do {
      let witness = Witness()
      seen = witness
      let fiber = try Fiber<Void, Void, Void> { _, _ in
        log.append("ran")
        withExtendedLifetime(witness) {}
      }
      _ = consume fiber
    }
    #expect(seen == nil)
    #expect(log.isEmpty)
  }

  @Test("of a finished fiber does nothing: its body's captures went when it ended")
  func finished() throws {
    var ends = 0
    let fiber = try makeFiber(capturing: Witness { ends += 1 })
    #expect(ends == 0)
    _ = try fiber.resume()
    #expect(ends == 1)
    #expect(fiber.state == .finished)
  }

  private func makeFiber(capturing witness: Witness) throws -> Fiber<Void, Void, Void> {
    try Fiber { _, _ in withExtendedLifetime(witness) {} }
  }

  @Test("leaks none of the values that have crossed, nor an error, nor what a body returns in the end")
  func valuesAreReleased() throws {
    struct Failure: Error { nonisolated(unsafe) var witness: Witness }
    var alive = 0
    func make() -> Witness {
      alive += 1
      return Witness { alive -= 1 }
    }
    do {
      var fiber: Fiber<Witness, Witness, Witness>? = try Fiber { suspend, first in
        var value = first
        while true {
          do { value = try suspend(value) } catch { return value }
        }
      }
      for _ in 0..<10 { _ = try fiber?.resume(make()) }
      fiber = nil

      let returning = try Fiber<Witness, Witness, Witness> { suspend, first in try suspend(first) }
      _ = try returning.resume(make())
      _ = try returning.resume(make())

      let throwing = try Fiber<Witness, Void, Void> { _, first in throw Failure(witness: first) }
      #expect(throws: Failure.self) { try throwing.resume(make()) }
      // A value for a fiber that cannot take it.
      #expect(throws: FiberError.self) { try throwing.resume(make()) }
    }
    #expect(alive == 0)
  }

  @Test("by the body itself is put off until its resumer has come back")
  func dropsItself() throws {
    var log: [String] = []
    var fiber: Fiber<Void, Int, Never>?
    fiber = try Fiber { suspend, _ in
      defer { log.append("unwound") }
      fiber = nil
      log.append("dropped")
      while true { try suspend(1) }
    }
    #expect(try fiber?.resume() == .yielded(1))
    #expect(log == ["dropped", "unwound"])
  }

  @Test("releases the fiber's record")
  func recordIsReleased() throws {
    var fiber: Fiber<Void, Void, Void>? = try Fiber { suspend, _ in try suspend() }
    let id = try #require(fiber?.id)
    _ = try fiber?.resume()
    #expect(publishedRecord(id: id) != nil)
    fiber = nil
    #expect(publishedRecord(id: id) == nil)
  }

  @Test("throws once more in each defer and deinit that suspends meanwhile, and goes on to the end")
  func suspendsWhileUnwinding() throws {
    var log: [String] = []
    var fiber: Fiber<Void, Int, Void>? = try Fiber { suspend, _ in
      func attempt(_ place: String) {
        do throws(FiberError) {
          try suspend(0, waiting: "in vain")
          log.append("\(place) went on")
        } catch {
          log.append("\(place) \(error.code)")
        }
      }
      let witness = Witness { attempt("deinit") }
      defer {
        withExtendedLifetime(witness) {}
        attempt("defer")
      }
      try suspend(1)
    }
    _ = try fiber?.resume()
    fiber = nil
    #expect(Set(log) == ["defer cancelled", "deinit cancelled"])
  }

  @Test("at the head of a chain of 1,000, each held by the one before, ends all, each on its own stack")
  func chain() throws {
    var ended = 0
    func link(_ rest: Fiber<Void, Void, Void>?) throws -> Fiber<Void, Void, Void> {
      let fiber = try Fiber<Void, Void, Void>(stackSize: 32768) { suspend, _ in
        defer { ended += 1 }
        try suspend()
        withExtendedLifetime(rest) {}
      }
      _ = try fiber.resume()
      return fiber
    }
    var head: Fiber<Void, Void, Void>?
    for _ in 0..<1000 { head = try link(head.take()) }
    #expect(ended == 0)
    head = nil
    #expect(ended == 1000)
  }

  @Test("on another thread is allowed where nothing is left to run: before the start and after the end")
  func onAnotherThread() throws {
    nonisolated(unsafe) var notStarted: Fiber<Void, Void, Void>? = try Fiber { _, _ in }
    nonisolated(unsafe) var finished: Fiber<Void, Void, Void>? = try Fiber { _, _ in }
    _ = try unsafe finished?.resume()
    let ids = unsafe [notStarted?.id, finished?.id].compactMap(\.self)
    try join(
      Thread {
        unsafe notStarted = nil
        unsafe finished = nil
      })
    #expect(ids.count == 2)
    #expect(ids.allSatisfy { publishedRecord(id: $0) == nil })
  }
}
