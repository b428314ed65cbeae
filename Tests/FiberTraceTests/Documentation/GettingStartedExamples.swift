import FiberTrace
import Testing

@Suite("An example of the article \"Getting started\"")
struct GettingStartedExamples {
  @Test("exchanges values")
  func average() throws {
    let output = try printed {
      // example
      let average = try Fiber<Double, Double, Never>(name: "average") { suspend, first in
        var (sum, count) = (first, 1.0)
        while true {
          sum += try suspend(sum / count, waiting: "for a number")
          count += 1
        }
      }
      var means: [Double] = []
      for number in [10.0, 20, 60] {
        if case .yielded(let mean) = try average.resume(number) { means.append(mean) }
      }
      print(means)  // [10.0, 15.0, 30.0]
      // end of example
    }
    #expect(output == ["[10.0, 15.0, 30.0]"])
  }

  @Test("suspends from a recursion")
  func hanoi() throws {
    let output = try printed {
      // example
      typealias Step = Fiber<Void, String, Int>
      func hanoi(_ disks: Int, from: String, to: String, over: String, _ suspend: Step.Suspend) throws -> Int {
        guard disks > 0 else { return 0 }
        let before = try hanoi(disks - 1, from: from, to: over, over: to, suspend)
        try suspend("\(from)\(to)")
        return try before + 1 + hanoi(disks - 1, from: over, to: to, over: from, suspend)
      }
      let moves = try Step(name: "hanoi") { suspend, _ in try hanoi(3, from: "a", to: "c", over: "b", suspend) }
      var path: [String] = []
      var total = 0
      while total == 0 {
        switch try moves.resume() {
        case .yielded(let move): path.append(move)
        case .returned(let count): total = count
        }
      }
      print(total, path.joined(separator: " "))  // 7 ac ab cb ac ba bc ac
      // end of example
    }
    #expect(output == ["7 ac ab cb ac ba bc ac"])
  }

  @Test("shows both kinds of errors")
  func errors() throws {
    let output = try printed {
      // example
      struct OutOfPaper: Error {}
      let printer = try Fiber<Int, Void, Void>(name: "printer") { suspend, first in
        var left = 5 - first
        while left >= 0 { left -= try suspend() }
        throw OutOfPaper()
      }
      _ = try printer.resume(3)
      var problems: [String] = []
      do { _ = try printer.resume(4) } catch { problems.append("\(error)") }
      do { _ = try printer.resume(1) } catch let error as FiberError { problems.append("\(error.code)") }
      print(problems)  // ["OutOfPaper()", "finished"]
      // end of example
    }
    #expect(output == [#"["OutOfPaper()", "finished"]"#])
  }

  @Test("ends early")
  func ends() throws {
    let output = try printed {
      // example
      var log: [String] = []
      let guest = try Fiber<Void, Void, Void>(name: "guest") { suspend, _ in
        log.append("opened")
        defer { log.append(suspend.isCancelled ? "closed early" : "closed") }
        try suspend(waiting: "for the night")
      }
      _ = try guest.resume()
      try guest.cancel()
      print(log, guest.state)  // ["opened", "closed early"] finished
      // end of example
    }
    #expect(output == [#"["opened", "closed early"] finished"#])
  }

  @Test("sees its resumer")
  func nested() throws {
    let output = try printed {
      // example
      let deep = try Fiber<Void, [String], Void>(name: "outer") { suspend, _ in
        let inner = try Fiber<Void, Never, [String]>(name: "inner") { _, _ in
          try Backtrace.capture().frames.compactMap(\.fiber?.name)
        }
        if case .returned(let names) = try inner.resume() { try suspend(names) }
      }
      if case .yielded(let names) = try deep.resume() {
        print(names)  // ["inner", "outer"]
      }
      // end of example
    }
    #expect(output == [#"["inner", "outer"]"#])
  }
}
