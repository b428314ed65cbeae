import CFiberAsm
import FiberTrace
import Foundation
import Testing

/// The first `count` natural numbers; tells when its body has been left.
private func numbers(_ count: Int = .max, onEnd: @escaping () -> Void = {}) throws -> Generator<Int> {
  try Generator(name: "numbers") { yield throws(GeneratorStopped) in
    defer { onEnd() }
    var number = 0
    while number < count {
      try yield(number)
      number += 1
    }
  }
}

@Suite("A generator")
struct GeneratorTests {
  @Test("makes its elements in order, and has then none for ever")
  func elements() throws {
    let three = try numbers(3)
    #expect(Array(three) == [0, 1, 2])
    #expect(three.next() == nil)
    #expect(Array(three) == [])
    #expect(Array(try numbers(0)) == [])
  }

  @Test("runs its body only as far as somebody asks")
  func onDemand() throws {
    var log: [String] = []
    let generator = try Generator<Int> { yield throws(GeneratorStopped) in
      log.append("began")
      try yield(1)
      log.append("went on")
      try yield(2)
    }
    #expect(log.isEmpty)
    #expect(generator.next() == 1)
    #expect(log == ["began"])
    #expect(generator.next() == 2)
    #expect(log == ["began", "went on"])
  }

  @Test("is a single pass: a loop goes on where the one before it stopped, through a copy too")
  func singlePass() throws {
    let generator = try numbers()
    let copy = generator
    #expect(Array(generator.prefix(3)) == [0, 1, 2])
    for number in copy {
      #expect(number == 3)
      break
    }
    #expect(Array(generator.prefix(2)) == [4, 5])
  }

  @Test("works with lazy, zip, prefix, map and filter, and is asked for no more than they need")
  func algorithms() throws {
    let squares = try numbers().lazy.map { $0 * $0 }.filter { $0.isMultiple(of: 2) }.prefix(4)
    #expect(Array(squares) == [0, 4, 16, 36])

    let pairs = zip(try numbers(), ["a", "b", "c"])
    #expect(pairs.map { "\($0)\($1)" } == ["0a", "1b", "2c"])
    #expect(Array(zip(try numbers(2), try numbers())).count == 2)

    var asked = 0
    let counted = try Generator<Int> { yield throws(GeneratorStopped) in
      while true {
        asked += 1
        try yield(asked)
      }
    }
    #expect(Array(counted.prefix(5)) == [1, 2, 3, 4, 5])
    #expect(asked == 5)
    #expect(counted.first { $0 > 7 } == 8)
    #expect(asked == 8)
    #expect(try numbers(1000).reduce(0, +) == 499_500)
  }

  @Test("that a loop is left of runs its defers and deinits, at once")
  func leftEarly() throws {
    final class Witness {
      let onEnd: () -> Void
      init(onEnd: @escaping () -> Void) { self.onEnd = onEnd }
      deinit { onEnd() }
    }
    var log: [String] = []
    for number in try Generator<Int>({ yield throws(GeneratorStopped) in
      let witness = Witness { log.append("deinit") }
      defer { log.append("defer") }
      for number in 0... { try yield(number) }
      withExtendedLifetime(witness) {}
    }) where number == 3 {
      log.append("found")
      break
    }
    #expect(log.first == "found")
    #expect(Set(log) == ["found", "defer", "deinit"])
  }

  @Test("that is dropped before its first element runs nothing, and lets go of what its body has captured")
  func neverAsked() throws {
    var ends = 0
    var captured: NSObject? = NSObject()
    weak let seen = captured
    do {
      let generator = try Generator<NSObject> { [captured] yield throws(GeneratorStopped) in
        defer { ends += 1 }
        if let captured { try yield(captured) }
      }
      captured = nil
      #expect(seen != nil)
      _ = consume generator
    }
    #expect(seen == nil)
    #expect(ends == 0)
  }

  @Test("that has ended has let go of what its body has captured")
  func ended() throws {
    var ends = 0
    let generator = try numbers(1) { ends += 1 }
    #expect(generator.next() == 0)
    #expect(ends == 0)
    #expect(generator.next() == nil)
    #expect(ends == 1)
  }

  @Test("stops a body that goes on after it is gone: each further yield throws the same")
  func stopped() throws {
    var errors: [GeneratorStopped] = []
    do {
      let generator = try Generator<Int> { yield throws(GeneratorStopped) in
        for number in 0..<3 {
          do throws(GeneratorStopped) { try yield(number) } catch { errors.append(error) }
        }
      }
      #expect(generator.next() == 0)
    }
    #expect(errors.count == 3)
    #expect("\(errors.first as Any)".contains("let this error leave the body"))
  }

  @Test("yields all of another sequence, of another generator too, and drops that one when it is dropped itself")
  func yieldsFrom() throws {
    var ends = 0
    func countdown(_ number: Int) throws -> Generator<Int> {
      let rest = number == 0 ? nil : try countdown(number - 1)
      return try Generator<Int> { yield throws(GeneratorStopped) in
        defer { ends += 1 }
        try yield(number)
        if let rest { try yield(contentsOf: rest) }
        try yield(contentsOf: [-1])
      }
    }
    #expect(Array(try countdown(3)) == [3, 2, 1, 0, -1, -1, -1, -1])
    #expect(ends == 4)
    for number in try countdown(20) where number == 10 { break }
    // The inner ten had not begun.
    #expect(ends == 4 + 11)
  }

  @Test("may recurse by handing on its yield")
  func recurses() throws {
    func subsets(_ rest: ArraySlice<Int>, _ chosen: [Int], _ yield: Generator<[Int]>.Yield) throws(GeneratorStopped) {
      guard let first = rest.first else { return try yield(chosen) }
      try subsets(rest.dropFirst(), chosen, yield)
      try subsets(rest.dropFirst(), chosen + [first], yield)
    }
    let all = try Generator<[Int]> { yield throws(GeneratorStopped) in try subsets(Array(0..<10)[...], [], yield) }
    #expect(Set(all).count == 1024)
  }

  @Test("may have optional elements, whose nil is no end")
  func optionals() throws {
    let generator = try Generator<Int?> { yield throws(GeneratorStopped) in
      try yield(nil)
      try yield(1)
    }
    #expect(generator.next() == .some(nil))
    #expect(generator.next() == .some(1))
    #expect(generator.next() == .none)
  }

  @Test("takes a pool's stack and gives it back when it goes, whether it has ended or not")
  func pooled() throws {
    let pool = try FiberStackPool(stackSize: 32768)
    for count in 0..<20 {
      let generator = try Generator<Int>(pool: pool) { yield throws(GeneratorStopped) in
        for number in 0..<10 { try yield(number) }
      }
      #expect(Array(generator.prefix(count)) == Array(0..<min(count, 10)))
      let throwing = try ThrowingGenerator<Int>(pool: pool) { yield in try yield(count) }
      #expect(try throwing.next() == count)
    }
    #expect(pool.statistics.stacks == 2)
    #expect(pool.statistics.inUse == 0)
  }

  @Test("says in one line why it cannot be made")
  func cannotBeMade() {
    let error = fiberError { try Generator<Int>(stackSize: 0) { _ in } }
    #expect(error?.code == .invalidStackSize)
    #expect(fiberError { try ThrowingGenerator<Int>(stackSize: -1) { _ in } }?.code == .invalidStackSize)
  }

  @Test("has the function that makes it as its fiber's creator, and its name")
  func isKnownToDebuggers() throws {
    var fiber: FiberIdentity?
    let generator = try Generator<Int>(name: "known") { yield throws(GeneratorStopped) in
      fiber = Fiber.current
      try yield(1)
    }
    #expect(generator.next() == 1)
    let record = try #require(publishedRecord(id: fiber?.id ?? 0))
    #expect(string(at: record.name) == "known")
    #expect(functionName(at: record.creator - 1).contains("isKnownToDebuggers"))
  }

  @Test("that is asked by its own body ends the process with its name")
  func asksItself() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator: Generator<Int>?
      generator = try Generator(name: "ouroboros") { yield throws(GeneratorStopped) in
        try yield(generator?.next() ?? 0)
      }
      _ = generator?.next()
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(output.contains("\"ouroboros\" cannot be resumed: it is running"))
  }

  @Test("whose yield is called by somebody else ends the process with its name")
  func yieldEscapes() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var escaped: Generator<Int>.Yield?
      let generator = try Generator<Int>(name: "escapee") { yield throws(GeneratorStopped) in
        escaped = yield
        try yield(1)
      }
      _ = generator.next()
      try escaped?(2)
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(output.contains("\"escapee\" cannot be suspended here"))
  }
}

@Suite("A throwing generator")
struct ThrowingGeneratorTests {
  struct Failure: Error, Equatable { var number: Int }

  @Test("throws its body's error where the next element would be, once, and has then ended")
  func throwsOnce() throws {
    var ends = 0
    let generator = try ThrowingGenerator<Int> { yield in
      defer { ends += 1 }
      try yield(1)
      throw Failure(number: 2)
    }
    #expect(try generator.next() == 1)
    #expect(throws: Failure(number: 2)) { try generator.next() }
    #expect(ends == 1)
    #expect(try generator.next() == nil)
  }

  @Test("that is dropped runs its defers, and the error that stops it reaches nobody")
  func dropped() throws {
    var caught: (any Error)?
    do {
      let generator = try ThrowingGenerator<Int> { yield in
        do { try yield(1) } catch {
          caught = error
          throw error
        }
      }
      #expect(try generator.next() == 1)
    }
    #expect(caught is GeneratorStopped)
  }

  @Test("that is asked by its own body throws")
  func asksItself() throws {
    var generator: ThrowingGenerator<Int>?
    generator = try ThrowingGenerator(name: "ouroboros") { yield in try yield(generator?.next() ?? 0) }
    let found = fiberError { try generator?.next() }
    #expect(found?.code == .running)
    #expect(try generator?.next() == nil)
    generator = nil
  }
}
