import CStepFixtures
import ExecutionVerification
import Testing

@Suite("What stepped code may do")
struct BehaviourTests {
  private func expectNothing(in report: StepCheck.Report) {
    #expect(report.findings.isEmpty)
    #expect(step_signals_are_as_before() == 1)
  }

  init() { _ = step_signals_are_as_before() }

  @Test("longjmp")
  func longjmp() throws { expectNothing(in: try StepCheck.run { step_uses_longjmp() }) }

  @Test("Signals are handled, at full speed")
  func signals() throws {
    var caught: Int32 = 0
    expectNothing(in: try StepCheck.run { caught = step_uses_signals() })
    #expect(caught == 2)
  }

  @Test("All signals are blocked, SIGTRAP too, and stepping goes on")
  func masks() throws {
    var isRight: Int32 = 0
    expectNothing(in: try StepCheck.run(functions: ["step_blocks_signals"]) { isRight = step_blocks_signals() })
    #expect(isRight == 1)
  }

  @Test("Threads and children are started, and run at full speed")
  func threads() throws {
    var result: Int32 = 0
    expectNothing(in: try StepCheck.run { result = step_uses_threads_and_children() })
    #expect(result == 7)
  }

  @Test("The trap flag is not seen, and cannot be cleared")
  func flags() throws {
    var wasSeen: Int32 = 1
    let report = try StepCheck.run(functions: ["step_uses_flags"]) { wasSeen = step_uses_flags() }
    expectNothing(in: report)
    #expect(wasSeen == 0)
  }

  @Test("Stacks are switched by swapcontext, whose own rows in libc are wrong between the two stacks")
  func swapcontext() throws {
    var turns: Int32 = 0
    expectNothing(in: try StepCheck.run(excluding: ["swapcontext"]) { turns = step_uses_swapcontext(3) })
    #expect(turns == 3)
  }

  @Test("A SIGTRAP of the code's own goes to its own handler")
  func breakpoint() throws {
    var caught: Int32 = 0
    expectNothing(in: try StepCheck.run { caught = step_uses_breakpoint() })
    #expect(caught == 2)
  }

  @Test("A repeated instruction is one")
  func repetition() throws {
    var bytes = [UInt8](repeating: 1, count: 100_000)
    let report = try unsafe bytes.withUnsafeMutableBytes { buffer in
      let start = buffer.baseAddress
      let count = UInt64(buffer.count)
      // The first call of all binds the symbol, which takes thousands of instructions.
      unsafe step_clears(start, 1)
      return try StepCheck.run(functions: ["step_clears"]) { unsafe step_clears(start, count) }
    }
    expectNothing(in: report)
    #expect(report.instructions < 1000)
    #expect(bytes.allSatisfy { $0 == 0 })
  }

  @Test("A handler that is left by siglongjmp ends the stepping, and the report says so")
  func leavesHandler() throws {
    let report = try StepCheck.run(functions: ["step_leaves_handler"]) { step_leaves_handler() }
    #expect(report.findings.map(\.rule) == [.incomplete])
    #expect(step_signals_are_as_before() == 1)
  }
}

@Suite("The bounds of a step check")
struct StepLimitTests {
  /// The first call of all binds the symbol, which takes more than these limits.
  private func bind() { _ = step_recursion(1) }

  @Test("A limit of instructions is reported when it is met, and the closure ends")
  func instructions() throws {
    bind()
    var hasEnded = false
    let report = try StepCheck.run(functions: ["step_recursion"], limits: .init(instructions: 200)) {
      _ = step_recursion(100)
      hasEnded = true
    }
    #expect(hasEnded)
    #expect(report.instructions == 200)
    #expect(report.findings.map(\.rule) == [.incomplete])
    #expect(report.findings.first?.reality.contains("limit of instructions") == true)
  }

  @Test("A limit of bytes is reported when it is met")
  func bytes() throws {
    bind()
    let report = try StepCheck.run(functions: ["step_recursion"], limits: .init(bytes: 32 << 10)) {
      _ = step_recursion(1000)
    }
    #expect(report.findings.map(\.rule) == [.incomplete])
    #expect(report.findings.first?.reality.contains("limit of bytes") == true)
  }

  @Test("A check within a check is refused")
  func nested() throws {
    var error: StepCheckError?
    let report = try StepCheck.run(functions: ["step_red_zone"]) {
      _ = step_red_zone(1, 2)
      do { _ = try StepCheck.run {} } catch let caught as StepCheckError { error = caught }
    }
    #expect(error?.description.contains("cannot step another") == true)
    #expect(report.findings.isEmpty)
  }

  @Test("What the closure throws is thrown")
  func thrown() {
    struct Failure: Error {}
    #expect(throws: Failure.self) { try StepCheck.run { throw Failure() } }
  }

  @Test("A name that fits nothing that was executed is a finding")
  func missing() throws {
    let report = try StepCheck.run(functions: ["step_red_zone", "step_nothing"]) { _ = step_red_zone(1, 2) }
    #expect(
      report.findings.map(\.description) == [
        "step-incomplete: 'step_nothing' is executed, but no function of this name was: it may be inlined, or have no symbol"
      ])
  }

  @Test("What is excluded is not judged")
  func excluded() throws {
    let report = try StepCheck.run(functions: ["step_*"], excluding: ["step_push_*"]) {
      _ = step_push_untold(1)
      _ = step_red_zone(1, 2)
    }
    #expect(report.findings.isEmpty)
    #expect(report.functions.map(\.name) == ["step_red_zone"])
  }

  @Test("Checks on several threads wait for each other")
  func several() async throws {
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask {
          try StepCheck.run(functions: ["step_recursion"]) { _ = step_recursion(20) }.functions.first?.activations ?? 0
        }
      }
      for try await activations in group { #expect(activations == 21) }
    }
  }
}
