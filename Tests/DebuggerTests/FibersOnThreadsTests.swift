import Testing

/// With the script, on Programs/fibers.c: fibers that run or have resumed another, which are shown on their thread.
@Suite struct FibersOnThreadsTests {
  @Test("A fiber that runs is shown from its thread's innermost frame down to main", arguments: FibersCase.all)
  func running(fibersCase: FibersCase) async throws {
    let session = try await FibersSession.of(fibersCase)
    let chains = [
      "inner": session.chain("inner", "middle", "outer", "main thread"),
      "threaded": session.chain("threaded", "second thread"),
    ]
    for (name, chain) in chains {
      let id = session.truth[name].id
      #expect(session["fiber \(id); frame"].frames.map(\.level) == [0], "\(session["fiber \(id); frame"])")
      _ = session.trace(of: "fiber \(id); \(FibersSession.registers)", ending: chain)
    }
  }

  @Test("A fiber that has resumed another is shown where its own frames begin", arguments: FibersCase.all)
  func resuming(fibersCase: FibersCase) async throws {
    let session = try await FibersSession.of(fibersCase)
    for (name, inner) in ["middle": session.chain("inner"), "outer": session.chain("inner", "middle")] {
      let command = "fiber \(session.truth[name].id)"
      let chain = session.chain("inner", "middle", "outer", "main thread")
      guard let trace = session.trace(of: "\(command); \(FibersSession.registers)", ending: chain) else { continue }
      // The boundary that follows belongs to the fiber inside.
      let own = trace[inner.count + 1]
      #expect(own.frame.function == (fibersCase.form.isStripped ? "??" : "ft_fiber_resume"))
      #expect(session["\(command); frame"].frames.map(\.level) == [own.frame.level], "\(session["\(command); frame"])")
    }
  }

  @Test("A backtrace names each boundary and has every frame", arguments: FibersCase.all)
  func boundaries(fibersCase: FibersCase) async throws {
    let session = try await FibersSession.of(fibersCase)
    var expected: [String: (frames: [ExpectedFrame], boundaries: [String])] = [
      "inner": (
        session.chain("inner", "middle", "outer", "main thread"),
        ["inner", "middle", "outer"].map { "── fiber \(session.truth[$0].id) \"\($0)\" resumed by ──" }
      ),
      "unstarted": (
        session.unstarted.dropLast(), ["── fiber 1 \"unstarted\": not started, resumed by nobody ──"]
      ),
    ]
    for name in ["above", "below"] {
      let boundary = "── fiber \(session.truth[name].id) \"\(name)\": suspended, resumed by nobody ──"
      expected[name] = (session.suspended(name).dropLast(), [boundary])
    }
    for (name, expected) in expected {
      let answer = session["fiber \(session.truth[name].id); bt"]
      var boundaries = expected.boundaries[...]
      let functions = expected.frames.map { frame in
        frame.function == ExpectedFrame.boundary.function ? boundaries.popFirst() ?? "" : frame.function
      }
      let shown = answer.frames.map(\.function)
      // libc's come first where the fiber runs; where main has no name, those that called it last.
      let start = shown.firstIndex(of: functions[0]) ?? 0
      #expect(Array(shown[start...].prefix(functions.count)) == functions, "\(fibersCase.testDescription):\n\(answer)")
      if name != "inner" { #expect(shown.count == functions.count, "\(fibersCase.testDescription):\n\(answer)") }
    }
  }
}
