import FiberTrace
import Testing

/// Sends every one of `values` into a fiber that yields it back, and its last as the first and the return value.
private func echo<Value>(_ values: [Value]) throws -> [Value] {
  let fiber = try Fiber<Value, Value, Value> { suspend, first in
    var value = first
    for _ in 1..<values.count { value = try suspend(value) }
    return value
  }
  return try values.enumerated().map { index, value in
    switch try fiber.resume(value) {
    case .yielded(let value):
      #expect(index < values.count - 1)
      return value
    case .returned(let value):
      #expect(index == values.count - 1)
      return value
    }
  }
}

@Suite("What crosses a switch")
struct PayloadTests {
  @Test("may be an optional of an optional, and each of its nils arrives as itself")
  func nestedOptionals() throws {
    let values: [Int???] = [nil, .some(nil), .some(.some(nil)), 3, .some(nil), nil]
    #expect(try echo(values) == values)
    // A reference has no spare bit pattern but nil.
    let reference = Reference()
    let references = try echo([reference, nil, .some(nil), nil, reference] as [Reference??])
    #expect(references.map { $0.map { $0 === reference } } == [true, nil, false, nil, true])
  }

  @Test("may have no size, or more than a page")
  func extremeSizes() throws {
    struct Empty: Equatable {}
    #expect(try echo([Empty(), Empty(), Empty()]).count == 3)
    #expect(try echo([(), (), ()]).count == 3)

    let pages = (0..<4).map { Pages(word: $0) }
    #expect(try echo(pages).map { $0.words[0] } == [0, 1, 2, 3])
    #expect(try echo(pages).map { $0.words[1023] } == [0, 1, 2, 3])
  }

  @Test("may be a function, an error or anything else without a fixed size, and keeps its reference count")
  func existentials() throws {
    struct Failure: Error, Equatable { var text: String }
    let errors = try echo([Failure(text: "a string on the heap, not in place"), CancellationError()] as [any Error])
    #expect(errors[0] as? Failure == Failure(text: "a string on the heap, not in place"))
    #expect(errors[1] is CancellationError)

    var calls = 0
    for function in try echo(Array(repeating: { calls += 1 }, count: 3)) { function() }
    #expect(calls == 3)

    var reference = Reference()
    #expect(isKnownUniquelyReferenced(&reference))
    _ = try echo([reference, reference, reference])
    #expect(isKnownUniquelyReferenced(&reference))
  }

  @Test("may be nothing at all: a fiber that never yields and never returns can throw")
  func never() throws {
    struct Failure: Error {}
    let fiber = try Fiber<Void, Never, Never> { _, _ in throw Failure() }
    #expect(throws: Failure.self) { try fiber.resume() }
  }

  @Test("may be another fiber's handle, which is dropped there")
  func handles() throws {
    typealias Inner = Fiber<Void, Int, Void>
    var ended = 0
    func makeInner(_ number: Int) throws -> Inner {
      try Inner { suspend, _ in
        defer { ended += 1 }
        try suspend(number)
      }
    }
    let outer = try Fiber<Inner, Int, Void> { suspend, _ in
      var inner = try suspend(-1)
      while case .yielded(let value) = try inner.resume() { inner = try suspend(value) }
    }
    // A parameter lives as long as its function: what the first resume brings is held to the end.
    _ = try outer.resume(makeInner(-1))
    for number in 0..<3 {
      guard case .yielded(number) = try outer.resume(makeInner(number)) else {
        Issue.record("fiber \(number) did not yield")
        return
      }
      #expect(ended == number, "the one before has been cancelled, on the stack of the outer fiber")
    }
  }
}

private final class Reference {}

/// 8 KiB in place.
private struct Pages {
  var words: InlineArray<1024, Int>
  init(word: Int) { words = InlineArray(repeating: word) }
}
