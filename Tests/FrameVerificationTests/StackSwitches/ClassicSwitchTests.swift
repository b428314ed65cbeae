import FrameVerification
import TestSupport
import Testing

/// Switches as others write them: one function that saves all registers on the stack that it leaves and takes them from the one that
/// it goes to.
@Suite struct ClassicSwitchTests {
  private static let registers = ["rbp", "rbx", "r12", "r13", "r14", "r15"]

  /// - Parameters:
  ///   - before: in front of the pushes.
  ///   - store: hands over the stack that is left.
  ///   - behind: directives behind the switch.
  ///   - saved: registers that are pushed.
  ///   - place: bytes from the new stack pointer to where the address of the base is laid.
  private func source(
    before: String = "", store: String = "mov %rsp, (%rdi)", behind: String = "", saved: [String] = registers,
    returnAddressAt place: Int = 0x30
  ) -> String {
    var text = """
      .text
      .type switch_stacks, @function
      switch_stacks:
      .cfi_startproc
      \(before)

      """
    for (index, register) in saved.enumerated() {
      let depth = 16 + 8 * index
      text += " push %\(register)\n .cfi_def_cfa_offset \(depth)\n .cfi_offset %\(register), -\(depth)\n"
    }
    text += "\(store)\n mov (%rsi), %rsp\n \(behind)\n"
    for (index, register) in saved.enumerated().reversed() {
      text += " pop %\(register)\n .cfi_def_cfa_offset \(8 + 8 * index)\n .cfi_restore %\(register)\n"
    }
    return text + """
       ret
      .cfi_endproc
      .size switch_stacks, . - switch_stacks

      .type base, @function
      .cfi_startproc
      .cfi_undefined %rip
       nop
      base:
       mov %r12, %rdi
       call *%rbx
       ud2
      .cfi_endproc
      .size base, . - base

      .type lay_out, @function
      lay_out:
      .cfi_startproc
       lea -0x40(%rsi), %rax
       lea base(%rip), %rcx
       mov %rcx, \(place)(%rax)
       mov %rdx, 0x20(%rax)
       mov %rax, (%rdi)
       ret
      .cfi_endproc
      .size lay_out, . - lay_out
      """
  }

  @Test func `a switch that keeps all registers on the stack is proved`() throws {
    let checked = try Checked(assembly: source())
    #expect(checked.isProved, "\(checked.report)")
  }

  @Test func `a switch that hands over its stack before it has pushed is refuted`() throws {
    let checked = try Checked(assembly: source(before: "mov %rsp, (%rdi)", store: ""))
    #expect(checked.refuted > 0, "\(checked.report)")
  }

  @Test func `a row behind the switch that is one word off is refuted`() throws {
    let checked = try Checked(assembly: source(behind: ".cfi_def_cfa_offset 64"))
    #expect(checked.refuted > 0, "\(checked.report)")
    #expect(checked.rules.contains("cfa-wrong"), "\(checked.report)")
  }

  @Test func `a register that the switch does not keep is not proved to be kept`() throws {
    let checked = try Checked(assembly: source(saved: Self.registers.dropLast(), returnAddressAt: 0x28))
    #expect(!checked.isProved)
    #expect(checked.refuted == 0, "\(checked.report)")
  }

  @Test func `a stack that is laid out with its return address one word off is refuted`() throws {
    let checked = try Checked(assembly: source(returnAddressAt: 0x28))
    #expect(checked.refuted > 0, "\(checked.report)")
    #expect(checked.rules.contains("return-address-wrong"), "\(checked.report)")
  }

  @Test func `a switch of which nobody hands over what it loads is unknown, for that reason`() throws {
    let checked = try Checked(assembly: source(store: "mov %rsp, 8(%rdi)"))
    #expect(checked.refuted == 0, "\(checked.report)")
    #expect(checked.verdicts.first?.unknown[.handOver] == nil)
    let alone = try Checked(
      function: """
        push %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        mov (%rdi), %rsp
        pop %rbp
        .cfi_def_cfa_offset 8
        .cfi_restore %rbp
        ret
        """)
    #expect(alone.verdicts.first?.unknown[.handOver] == 1, "\(alone.report)")
    #expect(alone.refuted == 0)
  }

  @Test func `a word that another function stores at the same distance is not taken for a stack`() throws {
    let checked = try Checked(
      assembly: source() + """

        .type keep, @function
        keep:
        .cfi_startproc
         sub $24, %rsp
         .cfi_def_cfa_offset 32
         lea 8(%rsp), %rax
         mov %rax, (%rdi)
         call *%rsi
         add $24, %rsp
         .cfi_def_cfa_offset 8
         ret
        .cfi_endproc
        .size keep, . - keep
        """)
    #expect(checked.isProved, "\(checked.report)")
  }

  /// As Boost.Context's: the stack to go to is an argument, the stack left is what the other side's call returns, and a new one is
  /// what another function returns.
  private func passing(behind: String = "", place: Int = 0x18) -> String {
    """
    .text
    .type jump, @function
    jump:
    .cfi_startproc
     lea -0x18(%rsp), %rsp
     .cfi_def_cfa_offset 32
     mov %rbx, 0(%rsp)
     .cfi_offset %rbx, -32
     mov %r12, 8(%rsp)
     .cfi_offset %r12, -24
     mov %rbp, 0x10(%rsp)
     .cfi_offset %rbp, -16
     mov %rsp, %rax
     mov %rdi, %rsp
     .cfi_undefined %r13
     .cfi_undefined %r14
     .cfi_undefined %r15
     \(behind)
     mov 0x18(%rsp), %r8
     mov 0(%rsp), %rbx
     mov 8(%rsp), %r12
     mov 0x10(%rsp), %rbp
     lea 0x20(%rsp), %rsp
     .cfi_def_cfa_offset 0
     .cfi_restore %rbx
     .cfi_restore %r12
     .cfi_restore %rbp
     jmp *%r8
    .cfi_endproc
    .size jump, . - jump

    .cfi_startproc
    .cfi_undefined %rip
     nop
    begin:
     call *%rbx
     ud2
    .cfi_endproc

    .type make, @function
    make:
    .cfi_startproc
     mov %rdi, %rax
     and $-16, %rax
     lea -0x40(%rax), %rax
     mov %rdx, (%rax)
     lea begin(%rip), %rcx
     mov %rcx, \(place)(%rax)
     ret
    .cfi_endproc
    .size make, . - make
    """
  }

  @Test func `a switch that is given a stack and returns the other is proved`() throws {
    let checked = try Checked(assembly: passing())
    #expect(checked.isProved, "\(checked.report)")
  }

  @Test func `a row behind such a switch that is one word off is refuted`() throws {
    let checked = try Checked(assembly: passing(behind: ".cfi_def_cfa_offset 40"))
    #expect(checked.refuted > 0, "\(checked.report)")
    #expect(checked.findings.contains { $0.explanation.contains("in the frame that 0x") }, "\(checked.report)")
  }

  @Test func `a stack for such a switch that returns to another word is refuted`() throws {
    let checked = try Checked(assembly: passing(place: 0x10))
    #expect(checked.rules.contains("return-address-wrong"), "\(checked.report)")
  }

  @Test func `a function that returns by a jump is proved, and no jump of it is open`() throws {
    let checked = try Checked(
      function: """
        push %rbx
        .cfi_def_cfa_offset 16
        .cfi_offset %rbx, -16
        mov %rdi, %rbx
        call *%rsi
        pop %rbx
        .cfi_def_cfa_offset 8
        .cfi_restore %rbx
        pop %rcx
        .cfi_def_cfa_offset 0
        jmp *%rcx
        """)
    #expect(checked.isProved, "\(checked.report)")
    #expect(checked.verdicts.first?.unresolvedJumps == 0)
  }

  @Test func `a return by a jump that loses a register is refuted`() throws {
    let checked = try Checked(
      function: """
        mov $1, %rbx
        .cfi_undefined %rbx
        pop %rcx
        .cfi_def_cfa_offset 0
        jmp *%rcx
        """)
    #expect(checked.rules == ["register-not-restored"], "\(checked.report)")
  }
}
