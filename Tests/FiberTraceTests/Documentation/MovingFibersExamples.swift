import FiberTrace
import Testing

@Suite("An example of the article \"Moving fibers between threads\"")
struct MovingFibersExamples {
  @Test("adds on four threads")
  func total() throws {
    let output = try printed {
      // example
      let total = try MovableFiber<Int, Int, Never>(name: "total") { suspend, first in
        var sum = first
        while true { sum += try suspend(sum) }
      }
      let sums = try (1...4).map { number in
        switch try onThread({ try total.resume(number) }) {
        case .yielded(let sum): "\(sum)"
        }
      }
      print(sums.joined(separator: " "))  // 1 3 6 10
      // end of example
    }
    #expect(output == ["1 3 6 10"])
  }
}
