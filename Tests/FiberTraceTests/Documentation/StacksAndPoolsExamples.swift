import FiberTrace
import Testing

@Suite("An example of the article \"Stacks and pools\"")
struct StacksAndPoolsExamples {
  @Test("has a small stack")
  func small() throws {
    let output = try printed {
      // example
      let small = try Fiber<Int, Int, Never>(stackSize: 16 * 1024) { suspend, first in
        var number = first
        while true { number = try suspend(number + 1) }
      }
      if case .yielded(let next) = try small.resume(41) {
        print(next, small.statistics.stackSize)  // 42 16384
      }
      // end of example
    }
    #expect(output == ["42 16384"])
  }

  @Test("uses a stack again")
  func pool() throws {
    let output = try printed {
      // example
      let pool = try FiberStackPool(stackSize: 64 * 1024)
      var answers: [Int] = []
      for request in 1...100 {
        let fiber = try Fiber<Int, Void, Int>(name: "request", pool: pool) { suspend, number in
          try suspend(waiting: "for a turn")
          return number * number
        }
        _ = try fiber.resume(request)
        if case .returned(let answer) = try fiber.resume(0) { answers.append(answer) }
      }
      print(answers.count, pool.statistics.stacks)  // 100 1
      // end of example
    }
    #expect(output == ["100 1"])
  }

  @Test("has memory of its own")
  func memory() throws {
    let output = try printed {
      // example
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
      let stack = try unsafe FiberStack(unsafeMemory: memory) { print("done with it") }
      var tenant: Fiber<Void, Never, Int>? = try Fiber(name: "tenant", stack: stack) { _, _ in 6 * 7 }
      if case .returned(let answer)? = try tenant?.resume() { print(answer) }  // 42
      tenant = nil  // done with it
      unsafe memory.deallocate()
      // end of example
    }
    #expect(output == ["42", "done with it"])
  }
}
