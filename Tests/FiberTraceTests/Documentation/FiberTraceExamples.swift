import FiberTrace
import Testing

@Suite("An example of the article \"Overview\"")
struct FiberTraceExamples {
  @Test("shows what comes out of a fiber")
  func overview() throws {
    let output = try printed {
      // example
      let numbers = try Fiber<Void, Int, String>(name: "numbers") { suspend, _ in
        for number in 1...3 {
          try suspend(number * number, waiting: "for someone who wants a square")
        }
        return "no more squares"
      }
      var lines: [String] = []
      while true {
        switch try numbers.resume() {
        case .yielded(let square):
          lines.append("\(square)")
          continue
        case .returned(let farewell):
          lines.append(farewell)
        }
        break
      }
      print(lines.joined(separator: ", "))  // 1, 4, 9, no more squares
      // end of example
    }
    #expect(output == ["1, 4, 9, no more squares"])
  }
}
