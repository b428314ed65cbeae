import FiberTrace
import Testing

@Suite("An example of the article \"Boundaries\"")
struct BoundariesExamples {
  @Test("has a task await what a body asks for")
  func requests() async throws {
    var requests: [String] = []
    func perform(_ request: String) async -> Int {
      requests.append(request)
      await Task.yield()
      return request.count
    }
    let fiber = try MovableFiber<Int, String, Void> { suspend, _ in
      let first = try suspend("one")
      try suspend("two or more: \(first)")
    }
    var answer = 0
    // example
    while case .yielded(let request) = try fiber.resume(answer) {
      answer = await perform(request)
    }
    // end of example
    #expect(requests == ["one", "two or more: 3"])
    #expect(answer == 14)
  }
}
