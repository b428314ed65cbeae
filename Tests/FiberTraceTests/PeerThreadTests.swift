import FiberTrace
import Foundation
import Testing

/// What wasmtime-fiber promises of threads; <doc:Peers> has the whole list.
@Suite("As its peers promise, a movable fiber")
struct PeerThreadTests {
  @Test("that one thread has suspended is resumed by another, to its end")
  func crossThread() throws {
    let fiber = try MovableFiber<Int, Int, Int> { suspend, first in first + (try suspend(first)) }
    #expect(try fiber.resume(1) == .yielded(1))
    let outcome = Locked<MovableFiber<Int, Int, Int>.Outcome?>(nil)
    try join(Thread { outcome.withLock { $0 = try? fiber.resume(2) } })
    #expect(outcome.withLock { $0 } == .returned(3))
    #expect(fiber.state == .finished)
  }
}
