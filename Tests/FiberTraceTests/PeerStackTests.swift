import CFiberTraceFixtures
import FiberTrace
import Testing

/// What corosensei, wasmtime-fiber and Boost.Context promise of stacks; <doc:Peers> has the whole list.
@Suite("As its peers promise, a fiber's stack")
struct PeerStackTests {
  /// Memory for stacks at known places.
  @safe private final class Memory {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 3 * 65536, alignment: 16)

    func stack(_ number: Int) throws -> FiberStack {
      let start = number * 65536
      return try unsafe FiberStack(unsafeMemory: UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + 65536]))
    }

    deinit { unsafe bytes.deallocate() }
  }

  @Test("may lie below its resumer's and above it: values, errors and backtraces cross either way", arguments: [0, 2])
  func belowAndAbove(place: Int) throws {
    struct Failure: Error, Equatable { var text: String }
    let memory = Memory()
    let middle = try Fiber<Void, Int, [FiberIdentity]>(name: "middle", stack: memory.stack(1)) { suspend, _ in
      let other = try Fiber<Void, [FiberIdentity], Void>(name: "other", stack: memory.stack(place)) { suspend, _ in
        try suspend(Backtrace.capture().frames.compactMap(\.fiber))
        throw Failure(text: "foobar")
      }
      guard case .yielded(let fibers) = try other.resume() else { return [] }
      try suspend(fibers.count)
      #expect(throws: Failure(text: "foobar")) { try other.resume() }
      return fibers
    }
    #expect(try middle.resume() == .yielded(2))
    guard case .returned(let fibers) = try middle.resume() else {
      Issue.record("it did not end")
      return
    }
    #expect(fibers.map(\.name) == ["other", "middle"])
    withExtendedLifetime(memory) {}
  }

  @Test("of 1 MiB has room for a recursion of 500 KB, also on one that another fiber has finished on")
  func recursion() throws {
    let pool = try FiberStackPool(stackSize: 1 << 20)
    for _ in 0..<3 {
      let fiber = try Fiber<Void, Never, UInt64>(pool: pool) { _, _ in fixture_recurse(25) }
      #expect(try fiber.resume() == .returned((1...25).reduce(0, +)))
    }
    #expect(pool.statistics.stacks == 1)
  }

  @Test("serves another fiber when the first has finished, and nothing of the first is seen")
  func again() throws {
    let pool = try FiberStackPool(stackSize: 32768)
    var ids: Set<UInt64> = []
    for number in 0..<10 {
      let fiber = try Fiber<Int, Int, Int>(pool: pool) { suspend, first in first + (try suspend(first)) }
      #expect(fiber.state == .notStarted)
      #expect(try fiber.resume(number) == .yielded(number))
      #expect(try fiber.resume(1) == .returned(number + 1))
      ids.insert(fiber.id)
    }
    #expect(ids.count == 10)
    #expect(pool.statistics.stacks == 1)
  }
}
