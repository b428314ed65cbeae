import FiberTrace
import Testing

@Suite("An example of the article \"What it costs\"")
struct CostsExamples {
  @Test("measures a switch")
  func time() throws {
    let output = try printed {
      // example
      let counter = try Fiber<Int, Int, Never>(name: "counter") { suspend, first in
        var number = first
        while true { number = try suspend(number &+ 1) }
      }
      let rounds = 10_000
      var number = 0
      let time = try ContinuousClock().measure {
        for _ in 0..<rounds {
          if case .yielded(let next) = try counter.resume(number) { number = next }
        }
      }
      print(number, time / rounds)  // 10000, and some nanoseconds
      // end of example
    }
    #expect(output.first?.hasPrefix("10000 ") == true)
  }
}
