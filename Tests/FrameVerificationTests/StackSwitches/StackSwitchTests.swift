import FrameVerification
import TestSupport
import Testing

/// Switches of stacks, right and with one defect each.
@Suite struct StackSwitchTests {
  /// Stores rsp in one record, takes it from another: both halves are the same frame, left and found.
  private func swap(
    _ saved: String = "pushq %rbx\n.cfi_def_cfa_offset 24\n.cfi_offset %rbx, -24", publish: String = "",
    behind: String = ""
  ) -> String {
    """
    .text
    .globl swap
    .type swap, @function
    swap:
      .cfi_startproc
      pushq %rbp
      .cfi_def_cfa_offset 16
      .cfi_offset %rbp, -16
      \(publish)
      \(saved)
      movq %rsp, 16(%rdi)
      movq 16(%rsi), %rsp
      .cfi_undefined %r12
      .cfi_undefined %r13
      .cfi_undefined %r14
      .cfi_undefined %r15
      \(behind)
      popq %rbx
      .cfi_def_cfa_offset 16
      popq %rbp
      .cfi_def_cfa_offset 8
      ret
      .cfi_endproc
    .size swap, . - swap
    """
  }

  @Test func `a frame that is found as it was left is proved`() throws {
    let checked = try Checked(assembly: swap())
    #expect(checked.findings.isEmpty, "\(checked.findings.map(\.explanation))")
    #expect(checked.isProved, "\(checked.verdicts.map(\.unknown))")
  }

  @Test func `a row that expects another frame than the one left is refuted`() throws {
    let checked = try Checked(assembly: swap(behind: ".cfi_def_cfa_offset 32"))
    #expect(checked.rules.contains("cfa-wrong"))
    let slots = try Checked(assembly: swap(behind: ".cfi_offset %rbx, -16\n.cfi_offset %rbp, -24"))
    #expect(slots.rules.contains("register-slot-wrong"), "\(slots.rules) \(slots.verdicts.map(\.unknown))")
  }

  @Test func `a register that is neither saved nor declared lost is not proved behind the switch`() throws {
    let source = swap().replacing(".cfi_undefined %r12", with: "")
    let checked = try Checked(assembly: source)
    #expect(checked.proved < checked.instructions)
  }

  @Test func `stack pointers stored before and behind the pushes leave the switch open`() throws {
    let checked = try Checked(assembly: swap(publish: "testq %rdx, %rdx\nje 1f\nmovq %rsp, 16(%rdx)\n1:"))
    #expect(checked.proved < checked.instructions)
    #expect(checked.verdicts.contains { $0.unknown[.stackSwitch] != nil }, "\(checked.verdicts.map(\.unknown))")
  }

  @Test func `a field that nothing is stored in proves nothing`() throws {
    let checked = try Checked(assembly: swap().replacing("16(%rsi)", with: "24(%rsi)"))
    #expect(checked.proved < checked.instructions)
    #expect(checked.findings.isEmpty)
  }
}
