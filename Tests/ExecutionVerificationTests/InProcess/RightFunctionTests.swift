import CStepFixtures
import ExecutionVerification
import FiberTrace
import Testing

@Suite("Functions that are right, stepped in process")
struct RightFunctionTests {
  @Test("Nothing is found in a function with a frame pointer, and all of it is stepped")
  func framePointer() throws {
    var sum: UInt64 = 0
    let report = try StepCheck.run(functions: ["step_frame_pointer"]) { sum = step_frame_pointer(2, 3) }
    #expect(report.findings.isEmpty)
    #expect(sum == 5)
    #expect(report.functions.map(\.name) == ["step_frame_pointer"])
    #expect(report.functions.first?.activations == 1)
    #expect(report.instructions >= 12)
    #expect(report.problems.isEmpty)
  }

  @Test("Nothing is found where locals lie in the red zone")
  func redZone() throws {
    let report = try StepCheck.run(functions: ["step_red_zone"]) { _ = step_red_zone(2, 3) }
    #expect(report.findings.isEmpty)
  }

  @Test("Nothing is found where the stack grows by a size of the caller's, small or of many pages", arguments: [64, 100_000])
  func alloca(size: UInt64) throws {
    let report = try StepCheck.run(functions: ["step_alloca"]) { _ = step_alloca(size) }
    #expect(report.findings.isEmpty)
    #expect(report.functions.count == 1)
  }

  @Test("A callee-saved register that the row declares undefined may be lost")
  func undefined() throws {
    let report = try StepCheck.run(functions: ["step_undefined_rbx"]) { _ = step_undefined_rbx(1) }
    #expect(report.findings.isEmpty)
    #expect(report.functions.count == 1)
  }

  @Test("Each activation of a recursion is followed")
  func recursion() throws {
    let report = try StepCheck.run(functions: ["step_recursion"]) { #expect(step_recursion(100) == 5050) }
    #expect(report.findings.isEmpty)
    #expect(report.functions.first?.activations == 101)
  }

  @Test("A tail call is no return")
  func tailCall() throws {
    let report = try StepCheck.run(functions: ["step_tail_call", "step_red_zone"]) { _ = step_tail_call(1, 2) }
    #expect(report.findings.isEmpty)
    #expect(report.functions.count == 2)
  }

  @Test("All that a closure of Swift executes is right: the runtime, libc, lazy binding")
  func closure() throws {
    var text = ""
    let report = try StepCheck.run {
      var words: [String: Int] = [:]
      for number in 0..<5 { words["\(number)", default: 0] += number }
      text = words.keys.sorted().joined(separator: " ")
    }
    #expect(text == "0 1 2 3 4")
    #expect(report.findings.isEmpty)
    #expect(report.functions.contains { $0.name == "swift_retain" || $0.name == "malloc" })
  }

  @Test("A fiber is resumed, suspends and ends, and its callers are found at each instruction of the switch")
  func fiber() throws {
    let fiber = try Fiber<Int, Int, Int> { suspend, first in
      let second = try suspend(first + 1)
      return second + 1
    }
    var seen: [Int] = []
    let report = try StepCheck.run {
      if case .yielded(let value) = try fiber.resume(1) { seen.append(value) }
      if case .returned(let value) = try fiber.resume(5) { seen.append(value) }
    }
    #expect(seen == [2, 6])
    #expect(report.findings.isEmpty)
    let names = report.functions.map(\.name)
    for name in ["ft_fiber_resume", "ft_fiber_suspend"] { #expect(names.contains { $0.hasPrefix(name) }, "\(name)") }
  }
}
