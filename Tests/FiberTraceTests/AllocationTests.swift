import CFiberTraceFixtures
import FiberTrace
import Foundation
import Testing

@Suite(
  "No memory is allocated",
  .enabled(if: fixture_counts_allocations(), "sanitizers have their own malloc, which cannot be counted"))
struct AllocationTests {
  @Test("by the counter's own measure, which sees an allocation")
  func counterCounts() {
    // The first calls bind their symbols, which may allocate.
    fixture_allocate()
    _ = fixture_allocations()
    let before = fixture_allocations()
    fixture_allocate()
    let after = fixture_allocations()
    #expect(after == before + 1)
  }

  @Test("by a raw backtrace, across fibers")
  func rawBacktrace() throws {
    try Backtrace.prepare()
    let fiber = try Fiber<Void, Void, (Int, UInt64)> { _, _ in
      let buffer = UnsafeMutableBufferPointer<UInt>.allocate(capacity: 256)
      defer { unsafe buffer.deallocate() }
      // The first on each thread makes libunwind's cache.
      _ = unsafe Backtrace.captureRaw(into: buffer)
      let before = fixture_allocations()
      var count = 0
      for _ in 0..<100 { count = unsafe Backtrace.captureRaw(into: buffer) }
      return (count, fixture_allocations() - before)
    }
    guard case .returned(let (count, allocations)) = try fiber.resume() else {
      Issue.record("it did not end")
      return
    }
    #expect(count > 5)
    #expect(allocations == 0)
  }

  @Test("by switches")
  func switches() throws {
    let fiber = try Fiber<Int, Int, Never> { suspend, first in
      var value = first
      while true { value = try suspend(value &+ 1, waiting: "for a number") }
    }
    _ = try fiber.resume(0)
    let before = fixture_allocations()
    var sum = 0
    for number in 0..<1000 {
      if case .yielded(let value) = try fiber.resume(number) { sum += value }
    }
    let after = fixture_allocations()
    #expect(sum == 500_500)
    #expect(after == before)
  }

  @Test("by switches of a movable fiber")
  func movableSwitches() throws {
    let fiber = try MovableFiber<Int, Int, Never> { suspend, first in
      var value = first
      while true { value = try suspend(value &+ 1, waiting: "for a number") }
    }
    // The first on each thread seeks the thread's accesses.
    _ = try fiber.resume(0)
    let before = fixture_allocations()
    var sum = 0
    for number in 0..<1000 {
      if case .yielded(let value) = try fiber.resume(number) { sum += value }
    }
    let after = fixture_allocations()
    #expect(sum == 500_500)
    #expect(after == before)
  }
}
