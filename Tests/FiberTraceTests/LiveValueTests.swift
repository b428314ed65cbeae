import FiberTrace
import Testing

/// A switch changes every register but two, and frames differ: of a size that is known, of one known only at run time, aligned beyond
/// the stack's own alignment.
@Suite("Values that are live across a suspend")
struct LiveValueTests {
  /// Suspends twice with a value of any type, vectors of 64 bytes and numbers; answers whether all are as before.
  @inline(never)
  private static func keeps<Value: Equatable>(
    _ value: Value, _ seed: Double, _ suspend: Fiber<Int, Int, Bool>.Suspend
  ) throws -> Bool {
    let copy = [value][0]
    let vector = SIMD8<Double>(repeating: seed) * SIMD8(1, 2, 3, 4, 5, 6, 7, 8)
    var other = vector + seed
    let (a, b, c, d, e, f) = (seed + 1, seed + 2, seed + 3, seed + 4, seed + 5, seed + 6)
    let first = try suspend(1)
    other -= seed
    let second = try suspend(2)
    let sum = a + b + c + d + e + f
    return copy == value && other == vector && sum == 6 * seed + 21 && first == 1 && second == 2
  }

  @Test("stay, also those of generic functions and vectors", arguments: [1, 40.5])
  func stay(seed: Double) throws {
    let fiber = try Fiber<Int, Int, Bool> { suspend, _ in
      let small = try Self.keeps(UInt8(7), seed, suspend)
      let large = try Self.keeps(SIMD16<Double>(repeating: seed), seed, suspend)
      let text = try Self.keeps("a string that does not fit into sixteen bytes", seed, suspend)
      return small && large && text
    }
    #expect(try fiber.resume(0) == .yielded(1))
    for _ in 0..<2 {
      #expect(try fiber.resume(1) == .yielded(2))
      #expect(try fiber.resume(2) == .yielded(1))
    }
    #expect(try fiber.resume(1) == .yielded(2))
    #expect(try fiber.resume(2) == .returned(true))
  }
}
