import FiberTrace
import Testing

@Suite("A fiber")
struct FiberTests {
  @Test("carries values of different types both ways")
  func carriesTypedValues() throws {
    let fiber = try Fiber<Int, String, [Double]> { suspend, first in
      let second = try suspend("got \(first)")
      let third = try suspend("got \(second)")
      return [Double(first), Double(second), Double(third)]
    }
    #expect(try fiber.resume(1) == .yielded("got 1"))
    #expect(try fiber.resume(2) == .yielded("got 2"))
    #expect(try fiber.resume(3) == .returned([1, 2, 3]))
  }

  @Test("carries values that are larger than a register, and references, unharmed")
  func carriesLargeValues() throws {
    struct Large: Equatable {
      var numbers = (1, 2, 3, 4, 5, 6, 7, 8)
      var text = "a string that does not fit into sixteen bytes"
      static func == (a: Large, b: Large) -> Bool { a.text == b.text && a.numbers.7 == b.numbers.7 }
    }
    let fiber = try Fiber<Large, Large, Large> { suspend, first in
      var value = first
      for _ in 0..<3 {
        value.numbers.7 += 1
        value.text += "!"
        value = try suspend(value)
      }
      return value
    }
    var value = Large()
    for count in 1...3 {
      guard case .yielded(let next) = try fiber.resume(value) else {
        Issue.record("it ended early")
        return
      }
      #expect(next.numbers.7 == 8 + count)
      value = next
    }
    #expect(try fiber.resume(value) == .returned(value))
  }

  @Test("tells optional and empty values apart from its end")
  func carriesEmptyValues() throws {
    let optionals = try Fiber<Int?, Int?, Int?> { suspend, first in try suspend(first) }
    #expect(try optionals.resume(nil) == .yielded(nil))
    #expect(try optionals.resume(nil) == .returned(nil))

    let voids = try Fiber<Void, Void, Void> { suspend, _ in try suspend() }
    guard case .yielded = try voids.resume() else {
      Issue.record("no yield")
      return
    }
    guard case .returned = try voids.resume() else {
      Issue.record("no return")
      return
    }
  }

  @Test("runs its body at the first resume, not before")
  func bodyRunsOnFirstResume() throws {
    var log: [String] = []
    let fiber = try Fiber<Void, Void, Void> { suspend, _ in
      log.append("body")
      try suspend()
      log.append("end")
    }
    #expect(log.isEmpty)
    _ = try fiber.resume()
    #expect(log == ["body"])
    _ = try fiber.resume()
    #expect(log == ["body", "end"])
  }

  @Test("yields in order, interleaved with others")
  func yieldsInOrder() throws {
    let fibers = try (0..<5).map { number in
      try Fiber<Void, Int, Never> { suspend, _ in
        for step in 0... { try suspend(10 * step + number) }
        preconditionFailure("an endless loop has ended")
      }
    }
    var values: [Int] = []
    for _ in 0..<3 {
      for fiber in fibers {
        if case .yielded(let value) = try fiber.resume() { values.append(value) }
      }
    }
    #expect(values == [0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24])
  }

  @Test("throws its body's error to whoever resumes it, and has then finished")
  func errorReachesResumer() throws {
    struct Failure: Error, Equatable { var number: Int }
    let fiber = try Fiber<Int, Void, Void> { suspend, first in
      let second = try suspend()
      throw Failure(number: first + second)
    }
    _ = try fiber.resume(40)
    #expect(throws: Failure(number: 42)) { try fiber.resume(2) }
    #expect(fiber.state == .finished)
  }

  @Test("may throw before it has suspended at all")
  func errorAtFirstResume() throws {
    struct Failure: Error {}
    let fiber = try Fiber<Void, Void, Void> { _, _ in throw Failure() }
    #expect(throws: Failure.self) { try fiber.resume() }
    #expect(fiber.state == .finished)
  }

  @Test("resumes other fibers, to any depth, and each tells its state")
  func nests() throws {
    func descend(_ depth: Int, _ outer: [Fiber<Void, Int, Int>]) throws -> Fiber<Void, Int, Int> {
      try Fiber<Void, Int, Int>(name: "level \(depth)") { suspend, _ in
        #expect(outer.allSatisfy { $0.state == .resumingAnother })
        guard depth < 20 else {
          try suspend(depth)
          return depth
        }
        let inner = try descend(depth + 1, [])
        while case .yielded(let value) = try inner.resume() { try suspend(value) }
        #expect(inner.state == .finished)
        return depth
      }
    }
    let fiber = try descend(1, [])
    #expect(try fiber.resume() == .yielded(20))
    #expect(fiber.state == .suspended)
    #expect(try fiber.resume() == .returned(1))
  }

  @Test("goes through the five states")
  func states() throws {
    var seen: [FiberState] = []
    var outer: Fiber<Void, Void, Void>?
    let inner = try Fiber<Void, Void, Void> { _, _ in seen.append(outer?.state ?? .finished) }
    outer = try Fiber<Void, Void, Void> { suspend, _ in
      seen.append(outer?.state ?? .finished)
      _ = try inner.resume()
      try suspend()
    }
    seen.append(outer?.state ?? .finished)
    _ = try outer?.resume()
    seen.append(outer?.state ?? .finished)
    _ = try outer?.resume()
    seen.append(outer?.state ?? .notStarted)
    #expect(seen == [.notStarted, .running, .resumingAnother, .suspended, .finished])
    outer = nil
  }

  @Test("may be suspended inside an access to a variable and resumed from an access to another")
  func exclusivity() throws {
    final class Counter {
      var value = 0
      func change(_ body: (inout Int) throws -> Void) rethrows { try body(&value) }
    }
    let inside = Counter()
    let outside = Counter()
    let fiber = try Fiber<Int, Int, Void> { suspend, first in
      try inside.change { value in
        value = first
        value += try suspend(value)
      }
    }
    try outside.change { value in
      if case .yielded(let number) = try fiber.resume(3) { value += number }
    }
    try outside.change { value in
      if case .returned = try fiber.resume(4) { value += 1 }
    }
    #expect(inside.value == 7)
    #expect(outside.value == 4)
  }
}
