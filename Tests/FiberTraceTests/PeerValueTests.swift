import CFiberTraceFixtures
import FiberTrace
import Testing

/// What Boost.Context's tests promise of values, and how its `resume_with` is written here; <doc:Peers> has the whole list.
@Suite("As its peers promise, a switch")
struct PeerValueTests {
  @Test("keeps floating-point values that are live on both sides of it")
  func floatingPoint() throws {
    let fiber = try Fiber<Double, Double, Double> { suspend, first in
      var (a, b, c, d) = (first, first * 3.45, first / 7, Float(first))
      for _ in 0..<1000 {
        let next = try suspend(a + b + c + Double(d))
        (a, b, c, d) = (a + next, b * 1.0001, c - next, d + 1)
      }
      return a + b + c + Double(d)
    }
    var (a, b, c, d) = (7.13, 7.13 * 3.45, 7.13 / 7, Float(7.13))
    #expect(try fiber.resume(7.13) == .yielded(a + b + c + Double(d)))
    for number in 0..<999 {
      let next = Double(number) / 3
      (a, b, c, d) = (a + next, b * 1.0001, c - next, d + 1)
      #expect(try fiber.resume(next) == .yielded(a + b + c + Double(d)))
    }
    #expect(try fiber.resume(0) == .returned(a + b * 1.0001 + c + Double(d + 1)))
  }

  @Test("leaves a stack on which functions with variable arguments and floating-point numbers work")
  func variableArguments() throws {
    let fiber = try Fiber<Void, Double, Double> { suspend, _ in
      try suspend(unsafe fixture_scan("1.5 times 4"))
      return unsafe fixture_scan("2.5 times -2")
    }
    #expect(try fiber.resume() == .yielded(6))
    #expect(try fiber.resume() == .returned(-5))
  }

  @Test("carries a function into the fiber, which runs it on its own stack")
  func functionOnTop() throws {
    let fiber = try Fiber<() -> Int, Int, Never> { suspend, first in
      var function = first
      while true { function = try suspend(10 * function()) }
    }
    #expect(try fiber.resume { 3 } == .yielded(30))
    var inside: FiberIdentity?
    let outcome = try fiber.resume {
      inside = Fiber.current
      return 20
    }
    #expect(outcome == .yielded(200))
    #expect(inside?.id == fiber.id)
  }

  @Test("carries an error into the fiber, which throws it at its suspend and may go on")
  func errorOnTop() throws {
    struct Failure: Error, Equatable { var text: String }
    let fiber = try Fiber<Result<Int, Failure>, String, String> { suspend, first in
      var next = first
      while true {
        do {
          next = try suspend("got \(next.get())")
        } catch let failure as Failure {
          next = try suspend("caught \(failure.text)")
          if case .failure(let last) = next { throw last }
        }
      }
    }
    #expect(try fiber.resume(.success(1)) == .yielded("got 1"))
    #expect(try fiber.resume(.failure(Failure(text: "hello world"))) == .yielded("caught hello world"))
    #expect(try fiber.resume(.success(2)) == .yielded("got 2"))
    #expect(try fiber.resume(.failure(Failure(text: "again"))) == .yielded("caught again"))
    #expect(throws: Failure(text: "the end")) { try fiber.resume(.failure(Failure(text: "the end"))) }
  }
}
