import CStepFixtures
import ExecutionVerification
import Testing

@Suite("Functions with one defect each, stepped in process")
struct WrongFunctionTests {
  /// Steps a function, and nothing else is judged.
  private func check(_ name: String, _ body: @escaping () -> Void) throws -> StepCheck.Report {
    try StepCheck.run(functions: [name], body)
  }

  /// Steps a function that harms its caller: it is called by the recorder, which bears it.
  private func checkAlone(
    _ name: String, _ function: @convention(c) (UnsafeMutableRawPointer?) -> Void
  ) throws -> StepCheck.Report {
    try unsafe StepCheck.run(functions: [name], function: function)
  }

  @Test("A push without a directive: the CFA is wrong behind it")
  func pushUntold() throws {
    let report = try check("step_push_untold") { _ = step_push_untold(1) }
    let finding = try #require(report.findings.first { $0.rule == .cfa })
    #expect(finding.function == "step_push_untold")
    #expect(finding.offset == 1)
    #expect(finding.instruction == "mov rax, rdi")
    #expect(finding.places == 2)
    #expect(finding.claim == "CFA = rsp + 8")
    #expect(finding.reality == "it is rsp + 16")
    #expect(Set(report.findings.map(\.rule)).isSubset(of: [.cfa, .walk]))
  }

  @Test("A rule before the store: the register is wrong there")
  func prematureRule() throws {
    let report = try check("step_premature_rule") { _ = step_premature_rule(1) }
    #expect(report.findings.map(\.rule) == [.register])
    let finding = try #require(report.findings.first)
    #expect(finding.instruction == "mov qword ptr [rsp], rbx")
    #expect(finding.places == 1)
    #expect(finding.claim.hasPrefix("rbx is saved at CFA - 16, so the caller has 0x"))
    #expect(finding.reality.hasPrefix("it has 0x"))
  }

  @Test("A callee-saved register that is not given back is told once, at the return", arguments: ["rbx", "r12"])
  func clobbered(register: String) throws {
    // Called by the recorder: what Swift has in these registers would be lost.
    let report =
      try unsafe register == "rbx"
      ? checkAlone("step_clobbered_rbx", step_clobbered_rbx) : checkAlone("step_clobbered_r12", step_clobbered_r12)
    #expect(report.findings.map(\.rule) == [.registerKept])
    let finding = try #require(report.findings.first)
    #expect(finding.instruction == "ret")
    #expect(finding.claim.hasPrefix("\(register) is given back as it was"))
    #expect(finding.reality == "it is 0x1")
  }

  @Test("rsp behind the call is 8 bytes too high")
  func popsTooMuch() throws {
    let report = try unsafe checkAlone("step_pops_too_much", step_pops_too_much)
    #expect(report.findings.map(\.rule) == [.stackAfter])
    #expect(report.findings.first?.reality.hasSuffix("8 bytes higher") == true)
  }

  @Test("A ret that leads to no code ends the function, not the test")
  func unbalanced() throws {
    let report = try unsafe checkAlone("step_unbalanced", step_unbalanced)
    let finding = try #require(report.findings.first { $0.rule == .fault })
    #expect(finding.function == "step_unbalanced")
    #expect(finding.instruction == "ret")
    #expect(
      finding.reality == "it leads to 0x3, which is no code: rsp is 8 bytes too low for its return address (SIGSEGV)")
  }

  @Test("A fault at an operand that is not aligned has no address")
  func misaligned() throws {
    let report = try unsafe checkAlone("step_misaligned", step_misaligned)
    let finding = try #require(report.findings.first { $0.rule == .fault })
    #expect(finding.instruction == "movaps xmmword ptr [rsp-0x20], xmm0")
    #expect(
      finding.reality == "SIGSEGV ended it here (an operand that is not aligned, or has no canonical address)")
    #expect(report.findings.count == 1)
  }

  @Test("An epilogue without a directive")
  func epilogueUntold() throws {
    let report = try check("step_epilogue_untold") { _ = step_epilogue_untold(1) }
    let finding = try #require(report.findings.first { $0.rule == .cfa || $0.rule == .rowFailed })
    #expect(finding.instruction == "ret")
  }

  @Test("Code without rows")
  func withoutRows() throws {
    let report = try check("step_without_rows") { _ = step_without_rows(1) }
    #expect(report.findings.map(\.rule) == [.noRow])
    #expect(report.findings.first?.places == 2)
  }

  @Test("A row that says that nobody called")
  func outermost() throws {
    let report = try check("step_outermost") { _ = step_outermost(1) }
    #expect(report.findings.map(\.rule) == [.outermost])
  }

  @Test("A direction flag left set")
  func direction() throws {
    let report = try unsafe checkAlone("step_sets_direction", step_sets_direction)
    #expect(report.findings.map(\.rule) == [.controlAfter])
  }

  @Test("A finding is one line that names the place, the instruction, the rule, what is said and what is so")
  func description() throws {
    let report = try check("step_push_untold") { _ = step_push_untold(1) }
    let finding = try #require(report.findings.first { $0.rule == .cfa })
    #expect(
      finding.description.hasSuffix(
        "step_push_untold+1: mov rax, rdi: step-cfa: CFA = rsp + 8, but it is rsp + 16 (and at 1 more instruction of it)"
      ))
    #expect(!finding.description.contains("\n"))
    #expect(report.description.contains(finding.description))
  }
}
