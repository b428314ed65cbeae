import FiberTrace
import Testing

private func length(of text: String) async -> Int {
  await Task.yield()
  return text.count
}

@Suite("An example of the article \"Boundaries\"")
@MainActor
struct BoundariesExamples {
  @Test("awaits what a fiber asks for")
  func requests() async throws {
    // example
    let fiber = try Fiber<Int, String, Int>(name: "asker") { suspend, first in
      var sum = first
      for question in ["how", "long"] { sum += try suspend(question) }
      return sum
    }
    var answer = 0
    while case .yielded(let question) = try fiber.resume(answer) {
      answer = await length(of: question)
    }
    print(fiber.state)  // finished
    // end of example
    #expect(answer == 4)
    #expect(fiber.state == .finished)
  }
}
