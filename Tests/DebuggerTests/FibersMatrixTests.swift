import Testing

/// gdb on Programs/fibers.c, whose frames, variables and registers are known: in both compilers' debug and release builds,
/// stripped or not, at fixed addresses or not, as a process and as cores.
@Suite struct FibersMatrixTests {
  @Test("gdb alone walks from each fiber that runs to its thread", arguments: FibersCase.all)
  func runningChainsWithoutTheScript(fibersCase: FibersCase) async throws {
    let session = try await FibersSession.of(fibersCase)
    for chain in [session.chain("inner", "middle", "outer", "main thread"), session.chain("threaded", "second thread")]
    {
      guard let trace = session.trace(of: "thread apply all \(FibersSession.registers)", ending: chain) else {
        continue
      }
      expectRegisters(in: trace, chain, session)
      if !session.form.isStripped,
        let trace = session.trace(of: "thread apply all \(FibersSession.locals)", ending: chain)
      {
        expectLocals(in: trace, chain, session)
      }
    }
  }

  @Test("Fibers that are suspended are shown whole", arguments: FibersCase.all)
  func suspendedFibers(fibersCase: FibersCase) async throws {
    let session = try await FibersSession.of(fibersCase)
    for name in ["above", "below"] {
      let id = session.truth[name].id
      let expected = session.suspended(name)
      let command = "fiber \(id); \(FibersSession.registers)"
      // Frame 0 is the thread's own, which no unwinder can take away.
      #expect(session[command].traces.first?.count == expected.count + 1, "\(session[command])")
      guard let trace = session.trace(of: command, ending: expected) else { continue }
      expectRegisters(in: trace, expected, session)
      if !session.form.isStripped,
        let trace = session.trace(of: "fiber \(id); \(FibersSession.locals)", ending: expected)
      {
        expectLocals(in: trace, expected, session)
      }
    }
  }

  @Test(
    "A fiber that has not started has the frames of the switch alone", arguments: FibersCase.all)
  func unstartedFiber(fibersCase: FibersCase) async throws {
    let session = try await FibersSession.of(fibersCase)
    let command = "fiber \(session.truth["unstarted"].id); \(FibersSession.registers)"
    #expect(session[command].traces.first?.count == session.unstarted.count + 1, "\(session[command])")
    _ = session.trace(of: command, ending: session.unstarted)
  }

  @Test("A fiber that has ended is refused in one line", arguments: FibersCase.all)
  func endedFiber(fibersCase: FibersCase) async throws {
    let session = try await FibersSession.of(fibersCase)
    let answer = session["fiber \(session.truth["ended"].id)"]
    #expect(answer.lines.count == 1, "\(answer)")
    #expect(answer.contains("\"ended\"") && answer.contains("finished"), "\(answer)")
  }

  /// Where the program knows a register, gdb shows that. In the frames of whoever has switched, it shows none.
  private func expectRegisters(in trace: [GdbTracedFrame], _ expected: [ExpectedFrame], _ session: FibersSession) {
    for (traced, expected) in zip(trace, expected) {
      guard let kept = expected.own?.kept else { continue }
      let shown = FibersTruth.registers.map { traced.registers[$0] ?? "missing" }
      #expect(shown == kept, "\(session.fibersCase.testDescription): \(traced)")
    }
  }

  /// Variables read right, or, in a release build, "<optimized out>".
  private func expectLocals(in trace: [GdbTracedFrame], _ expected: [ExpectedFrame], _ session: FibersSession) {
    for (traced, expected) in zip(trace, expected) {
      for (name, value) in expected.own?.locals ?? [:] {
        let shown = traced.locals[name] ?? "missing"
        let mayBeAbsent = session.form.isRelease && name != "in_memory"
        #expect(
          shown == value || (mayBeAbsent && shown == "<optimized out>"),
          "\(session.fibersCase.testDescription): \(name) is \(value): \(traced)")
      }
    }
  }
}
