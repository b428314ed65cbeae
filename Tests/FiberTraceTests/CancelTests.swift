import FiberTrace
import Foundation
import Testing

@Suite("Cancelling a fiber")
struct CancelTests {
  private struct Failure: Error, Equatable { var number = 0 }

  @Test("that is suspended makes its suspend throw, runs its defers, and leaves it finished")
  func suspended() throws {
    var log: [String] = []
    let fiber = try Fiber<Int, Int, String>(name: "ended") { suspend, first in
      defer { log.append("defer") }
      do {
        try suspend(first)
      } catch {
        log.append("\(error)")
        throw error
      }
      return "went on"
    }
    _ = try fiber.resume(1)
    #expect(try fiber.cancel() == nil)
    #expect(log == ["fiber #\(fiber.id) \"ended\" is cancelled; let this error leave the body", "defer"])
    #expect(fiber.state == .finished)
    #expect(fiberError { try fiber.resume(2) }?.code == .finished)
  }

  @Test("answers what its body returns all the same")
  func returnsAllTheSame() throws {
    let fiber = try Fiber<Void, Void, Int> { suspend, _ in
      do { try suspend() } catch { return 7 }
      return 8
    }
    _ = try fiber.resume()
    #expect(try fiber.cancel() == 7)
    #expect(try fiber.cancel() == nil)
  }

  @Test("tells a value that is nil from none")
  func returnsNil() throws {
    let fiber = try Fiber<Void, Void, Int?> { suspend, _ in
      try? suspend()
      return nil
    }
    _ = try fiber.resume()
    #expect(try fiber.cancel() == .some(nil))
    #expect(try fiber.cancel() == nil)
  }

  @Test("rethrows what its body throws, if that is not its own cancellation")
  func throwsAnother() throws {
    let fiber = try Fiber<Void, Void, Void> { suspend, _ in
      do { try suspend() } catch { throw Failure(number: 3) }
    }
    _ = try fiber.resume()
    #expect(throws: Failure(number: 3)) { try fiber.cancel() }
    #expect(fiber.state == .finished)
    #expect(try fiber.cancel() == nil)

    // The cancellation of another fiber is an error as any other.
    var foreign: FiberError?
    let witness = try Fiber<Void, Void, Void> { suspend, _ in
      do throws(FiberError) { try suspend() } catch {
        foreign = error
        throw error
      }
    }
    _ = try witness.resume()
    try witness.cancel()
    let error = try #require(foreign)
    let outer = try Fiber<Void, Void, Void> { suspend, _ in
      try? suspend()
      throw error
    }
    _ = try outer.resume()
    #expect(fiberError { try outer.cancel() }?.fiberID == witness.id)
  }

  @Test("that has not started lets go of what its body has captured, runs nothing, and leaves it finished")
  func notStarted() throws {
    var ran = false
    weak var seen: Witness?
    func make() throws -> Fiber<Void, Void, Void> {
      let witness = Witness()
      seen = witness
      return try Fiber { _, _ in
        ran = true
        withExtendedLifetime(witness) {}
      }
    }
    let fiber = try make()
    #expect(seen != nil)
    #expect(try fiber.cancel() == nil)
    #expect(seen == nil)
    #expect(!ran)
    #expect(fiber.state == .finished)
    #expect(fiberError { try fiber.resume() }?.code == .finished)
    #expect(try fiber.cancel() == nil)
  }

  @Test("that has not started lets a capture look at it as it goes")
  func capturesLook() throws {
    var state: FiberState?
    var again: Bool?
    var fiber: Fiber<Void, Void, Void>?
    func make() throws -> Fiber<Void, Void, Void> {
      let witness = Witness {
        state = fiber?.state
        again = (try? fiber?.cancel()) == nil
      }
      return try Fiber { _, _ in withExtendedLifetime(witness) {} }
    }
    fiber = try make()
    try fiber?.cancel()
    #expect(state == .finished)
    #expect(again == true)
  }

  @Test("that has finished does nothing")
  func finished() throws {
    let fiber = try Fiber<Void, Void, Int> { _, _ in 1 }
    _ = try fiber.resume()
    #expect(try fiber.cancel() == nil)
    let failed = try Fiber<Void, Void, Int> { _, _ in throw Failure() }
    #expect(throws: Failure()) { try failed.resume() }
    #expect(try failed.cancel() == nil)
  }

  @Test("that runs, that resumes another, or that belongs to another thread, is an error that says what to do")
  func refused() throws {
    var outer: Fiber<Void, Void, Void>?
    var found: [FiberError?] = []
    let inner = try Fiber<Void, Void, Void> { _, _ in found.append(fiberError { try outer?.cancel() }) }
    outer = try Fiber(name: "outer") { suspend, _ in
      found.append(fiberError { try outer?.cancel() })
      _ = try inner.resume()
      try suspend()
    }
    _ = try outer?.resume()
    nonisolated(unsafe) let smuggled = outer
    nonisolated(unsafe) var elsewhere: FiberError?
    try join(Thread { unsafe elsewhere = fiberError { try unsafe smuggled?.cancel() } })
    unsafe found.append(elsewhere)
    #expect(found.map { $0?.code } == [.running, .resumingAnother, .wrongThread])
    let title = try "fiber #\(#require(outer?.id)) \"outer\" cannot be cancelled"
    #expect(
      found.map { $0?.description } == [
        "\(title): it is running; let an error leave its body",
        "\(title): it waits for a fiber that it has resumed; suspend that one first",
        "\(title) on another thread than the one that created it; it must be cancelled there",
      ])
    // It is unharmed.
    #expect(outer?.state == .suspended)
    try outer?.cancel()
    outer = nil
  }

  @Test("lets its body swallow the error from 1,000 suspends")
  func swallowsToTheLimit() throws {
    var count = 0
    let fiber = try Fiber<Void, Int, Int> { suspend, _ in
      while count < 1000 {
        do { try suspend(count) } catch { count += 1 }
      }
      return count
    }
    #expect(try fiber.resume() == .yielded(0))
    #expect(try fiber.cancel() == 1000)
  }

  @Test("stops the process with the fiber's name at the 1,001st suspend that its body swallows the error from")
  func swallowsWithoutEnd() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let fiber = try Fiber<Void, Void, Void>(name: "deaf") { suspend, _ in
        for _ in 0...1000 { try? suspend() }
        exit(0)
      }
      _ = try fiber.resume()
      try fiber.cancel()
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      output.contains(
        "\"deaf\" is cancelled, and its body has caught that error from 1000 suspends and goes on; "
          + "let it leave the body"))
  }

  @Test("stops the process likewise if its last handle was dropped")
  func swallowsWhenDropped() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var fiber: Fiber<Void, Void, Void>? = try Fiber(name: "dropped and deaf") { suspend, _ in
        while true { try? suspend() }
      }
      _ = try fiber?.resume()
      fiber = nil
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(output.contains("\"dropped and deaf\" is cancelled, and its body has caught that error from 1000 suspends"))
  }
}
