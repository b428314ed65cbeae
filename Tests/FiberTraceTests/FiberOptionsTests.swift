import CFiberTraceFixtures
import FiberTrace
import Glibc
import Testing

/// Rounds as SSE does (MXCSR) in its digits, and says how x87 does.
private struct Rounding: Equatable, Sendable {
  var third: Double
  var mode: Int32

  init() {
    third = divide(1, 3)
    mode = fegetround()
  }

  static func of(_ mode: Int32) -> Rounding {
    let previous = fegetround()
    defer { fesetround(previous) }
    fesetround(mode)
    return Rounding()
  }
}

// Not folded by the compiler, which rounds to nearest.
@inline(never) @_optimize(none)
private func divide(_ left: Double, _ right: Double) -> Double { left / right }

/// Suspends inside a C++ handler for `number`, and answers what the handler throws again in the end.
private func rethrow(_ number: Int32, _ suspend: Fiber<Void, Void, Int32>.Suspend) -> Int32 {
  var suspend = suspend
  return unsafe withUnsafeMutablePointer(to: &suspend) { context in
    unsafe fixture_rethrow_after(
      number,
      { context in
        let suspend = unsafe context?.assumingMemoryBound(to: Fiber<Void, Void, Int32>.Suspend.self).pointee
        #expect(throws: Never.self) { try suspend?() }
      }, context)
  }
}

@Suite("With an option a fiber")
struct FiberOptionsTests {
  private let nearest = Rounding.of(FE_TONEAREST)
  private let upward = Rounding.of(FE_UPWARD)
  private let downward = Rounding.of(FE_DOWNWARD)

  @Test("keeps its way of rounding, and leaves its resumer's alone")
  func rounding() throws {
    #expect(Set([nearest.third, upward.third]).count == 2)
    let up = try Fiber<Void, Rounding, Rounding>(options: .floatingPointControl) { suspend, _ in
      let first = Rounding()
      fesetround(FE_UPWARD)
      try suspend(first)
      try suspend(Rounding())
      return Rounding()
    }
    let down = try MovableFiber<Void, Rounding, Rounding>(options: .floatingPointControl) { suspend, _ in
      fesetround(FE_DOWNWARD)
      try suspend(Rounding())
      return Rounding()
    }
    #expect(try up.resume() == .yielded(nearest))
    #expect(Rounding() == nearest)
    #expect(try down.resume() == .yielded(downward))
    #expect(try up.resume() == .yielded(upward))
    #expect(Rounding() == nearest)
    #expect(try down.resume() == .returned(downward))
    #expect(try up.resume() == .returned(upward))
    #expect(Rounding() == nearest)
  }

  @Test(
    "has the rounding of its creator, not of its first resumer; without it, its resumer's, who gets back what it sets")
  func roundingOfCreator() throws {
    fesetround(FE_UPWARD)
    let own = try Fiber<Void, Rounding, Rounding>(options: .floatingPointControl) { _, _ in Rounding() }
    let shared = try Fiber<Void, Rounding, Rounding> { suspend, _ in
      let found = Rounding()
      fesetround(FE_DOWNWARD)
      try suspend(found)
      return found
    }
    fesetround(FE_TONEAREST)
    #expect(try own.resume() == .returned(upward))
    #expect(try shared.resume() == .yielded(nearest))
    let left = Rounding()
    fesetround(FE_TONEAREST)
    #expect(left == downward)
  }

  @Test("finds its rounding again when it is cancelled, and its canceller keeps its own")
  func roundingOfCancelled() throws {
    var found: Rounding?
    let fiber = try Fiber<Void, Void, Void>(options: .floatingPointControl) { suspend, _ in
      defer { found = Rounding() }
      fesetround(FE_UPWARD)
      try suspend()
    }
    _ = try fiber.resume()
    try fiber.cancel()
    #expect(found == upward)
    #expect(Rounding() == nearest)
  }

  @Test("may suspend inside a C++ handler, in whatever order handlers end", arguments: [true, false])
  func handlers(movable: Bool) throws {
    let resumes: [() throws -> Fiber<Void, Void, Int32>.Outcome] = try [Int32(1), 2, 3].map { number in
      if movable {
        let fiber = try MovableFiber<Void, Void, Int32>(options: .caughtExceptions) { suspend, _ in
          rethrow(number, suspend)
        }
        return { try fiber.resume() }
      }
      let fiber = try Fiber<Void, Void, Int32>(options: .caughtExceptions) { suspend, _ in rethrow(number, suspend) }
      return { try fiber.resume() }
    }
    // Each suspends in its handler; then they end in an order that is not that of a stack.
    for resume in resumes { #expect(try suspended(resume())) }
    #expect(unsafe fixture_rethrow_after(4, { _ in }, nil) == 4)
    for number in [1, 3, 2] { #expect(try returned(resumes[number - 1]()) == Int32(number)) }
  }

  @Test("has both at once")
  func both() throws {
    let fiber = try Fiber<Void, Void, Int32>(options: [.caughtExceptions, .floatingPointControl]) { suspend, _ in
      fesetround(FE_UPWARD)
      let rethrown = rethrow(5, suspend)
      return Rounding().mode == FE_UPWARD ? rethrown : 0
    }
    #expect(try suspended(fiber.resume()))
    #expect(unsafe fixture_rethrow_after(6, { _ in }, nil) == 6)
    #expect(try returned(fiber.resume()) == 5)
    #expect(Rounding() == nearest)
  }

  private func suspended(_ outcome: Fiber<Void, Void, Int32>.Outcome) -> Bool { returned(outcome) == nil }

  private func returned(_ outcome: Fiber<Void, Void, Int32>.Outcome) -> Int32? {
    if case .returned(let value) = outcome { value } else { nil }
  }
}
