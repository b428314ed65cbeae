import FiberTrace
import Testing

@Suite("An example of the article \"Writing generators\"")
struct WritingGeneratorsExamples {
  @Test("goes on where it stopped")
  func fibonacci() throws {
    let output = try printed {
      // example
      let fibonacci = try Generator<Int>(name: "fibonacci") { yield throws(GeneratorStopped) in
        var (a, b) = (0, 1)
        while true {
          try yield(a)
          (a, b) = (b, a + b)
        }
      }
      print(Array(fibonacci.prefix(10)))  // [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]
      print(fibonacci.next() ?? 0)  // 55
      // end of example
    }
    #expect(output == ["[0, 1, 1, 2, 3, 5, 8, 13, 21, 34]", "55"])
  }

  @Test("is lazy")
  func lazy() throws {
    let output = try printed {
      // example
      let naturals = try Generator<Int> { yield throws(GeneratorStopped) in
        for number in 1... { try yield(number) }
      }
      let found = naturals.lazy.map { $0 * $0 }.filter { $0 % 7 == 2 }.prefix(3)
      print(Array(found))  // [9, 16, 100]
      // end of example
    }
    #expect(output == ["[9, 16, 100]"])
  }

  @Test("recurses")
  func recursion() throws {
    let output = try printed {
      // example
      indirect enum Tree {
        case leaf(Int)
        case node(Tree, Tree)

        func walk(_ yield: Generator<Int>.Yield) throws(GeneratorStopped) {
          switch self {
          case .leaf(let value): try yield(value)
          case .node(let left, let right):
            try left.walk(yield)
            try right.walk(yield)
          }
        }
      }
      let tree = Tree.node(.node(.leaf(1), .leaf(2)), .node(.leaf(3), .leaf(4)))
      let leaves = try Generator<Int> { yield throws(GeneratorStopped) in try tree.walk(yield) }
      print(Array(leaves))  // [1, 2, 3, 4]
      // end of example
    }
    #expect(output == ["[1, 2, 3, 4]"])
  }

  @Test("yields a sequence")
  func contents() throws {
    let output = try printed {
      // example
      let framed = try Generator<String> { yield throws(GeneratorStopped) in
        try yield("begin")
        try yield(contentsOf: ["a", "b"])
        try yield("end")
      }
      print(framed.joined(separator: " "))  // begin a b end
      // end of example
    }
    #expect(output == ["begin a b end"])
  }

  @Test("stops early")
  func early() throws {
    let output = try printed {
      // example
      var events: [String] = []
      func lines() throws -> Generator<String> {
        try Generator(name: "lines") { yield throws(GeneratorStopped) in
          events.append("open")
          defer { events.append("close") }
          for number in 1... { try yield("line \(number)") }
        }
      }
      for line in try lines() {
        events.append(line)
        if line == "line 2" { break }
      }
      print(events)  // ["open", "line 1", "line 2", "close"]
      // end of example
    }
    #expect(output == [#"["open", "line 1", "line 2", "close"]"#])
  }

  @Test("fails")
  func failure() throws {
    let output = try printed {
      // example
      struct NoNumber: Error { var text: String }
      let numbers = try ThrowingGenerator<Int> { yield in
        for word in "1 2 three".split(separator: " ") {
          guard let number = Int(word) else { throw NoNumber(text: String(word)) }
          try yield(number)
        }
      }
      var sum = 0
      do {
        while let number = try numbers.next() { sum += number }
      } catch let error as NoNumber {
        print(sum, error.text)  // 3 three
      }
      // end of example
    }
    #expect(output == ["3 three"])
  }
}
