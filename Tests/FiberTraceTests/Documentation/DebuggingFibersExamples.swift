import FiberTrace
import Testing

@Suite("An example of the article \"Debugging a fiber program\"")
struct DebuggingFibersExamples {
  @Test("says what it waits for")
  func waiting() throws {
    let output = try printed {
      // example
      let worker = try Fiber<String, Void, Void>(name: "worker 3") { suspend, first in
        var job = first
        while job != "stop" { job = try suspend(waiting: "for a job") }
      }
      _ = try worker.resume("sweep")
      print(worker.name ?? "", "is", worker.state, worker.waitReason ?? "")  // worker 3 is suspended for a job
      // end of example
    }
    #expect(output == ["worker 3 is suspended for a job"])
  }

  @Test("tags messages")
  func current() throws {
    let output = try printed {
      // example
      func tag(_ message: String) -> String {
        Fiber.current.map { "[\($0.name ?? "\($0.id)")] \(message)" } ?? message
      }
      var messages = [tag("before")]
      let logged = try Fiber<Void, Void, Void>(name: "logged") { suspend, _ in
        messages.append(tag("inside"))
        try suspend()
        messages.append(tag("again"))
      }
      _ = try logged.resume()
      messages.append(tag("between"))
      _ = try logged.resume()
      print(messages)  // ["before", "[logged] inside", "between", "[logged] again"]
      // end of example
    }
    #expect(output == [#"["before", "[logged] inside", "between", "[logged] again"]"#])
  }

  @Test("counts")
  func count() throws {
    let output = try printed {
      // example
      let before = FiberStatistics.process
      let crowd = try (0..<10).map { _ in
        try Fiber<Void, Void, Void>(stackSize: 32768) { suspend, _ in try suspend() }
      }
      for fiber in crowd.prefix(4) { _ = try fiber.resume() }
      let after = FiberStatistics.process
      print(after.created - before.created >= 10, crowd[0].statistics.resumeCount)  // true 1
      // end of example
    }
    #expect(output == ["true 1"])
  }

  @Test("finds first frames")
  func backtrace() throws {
    let output = try printed {
      // example
      let traced = try Fiber<Void, Never, Backtrace>(name: "traced") { _, _ in try Backtrace.capture() }
      if case .returned(let backtrace) = try traced.resume() {
        for (number, frame) in backtrace.frames.enumerated() where frame.fiber != nil {
          print("frame \(number) is the first of", frame.fiber?.name ?? "")
        }
      }
      // end of example
    }
    #expect(output.count == 1)
    #expect(output.first?.hasPrefix("frame ") == true && output.first?.hasSuffix(" is the first of traced") == true)
  }
}
