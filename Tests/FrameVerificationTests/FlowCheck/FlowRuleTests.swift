import CallFrameInfo
import FrameVerification
import TestSupport
import Testing

/// Each rule of the flow check, by a function that breaks it.
@Suite struct FlowRuleTests {
  @Test(arguments: [
    ("cfa-wrong", "push %rbx\n.cfi_offset %rbx, -16\npop %rbx\n.cfi_restore %rbx\nret"),
    (
      "return-address-wrong",
      "mov (%rsp), %rax\nmov $0, %ecx\nmov %rcx, (%rsp)\nnop\nmov %rax, (%rsp)\nret"
    ),
    (
      "register-slot-wrong",
      """
      push %rbx
      .cfi_adjust_cfa_offset 8
      push %r12
      .cfi_adjust_cfa_offset 8
      .cfi_offset %rbx, -24
      .cfi_offset %r12, -16
      xor %ebx, %ebx
      pop %r12
      .cfi_adjust_cfa_offset -8
      .cfi_restore %r12
      pop %rbx
      .cfi_adjust_cfa_offset -8
      .cfi_restore %rbx
      ret
      """
    ),
    (
      "register-not-described",
      "push %rbx\n.cfi_adjust_cfa_offset 8\nmov %rdi, %rbx\ncall *%rdi\npop %rbx\n.cfi_adjust_cfa_offset -8\nret"
    ),
    (
      "register-not-restored",
      "push %rbx\n.cfi_adjust_cfa_offset 8\n.cfi_offset %rbx, -16\nmov %rdi, %rbx\n"
        + "lea 8(%rsp), %rsp\n.cfi_adjust_cfa_offset -8\nret"
    ),
    (
      "wrong-at-return",
      "push %rbx\n.cfi_adjust_cfa_offset 8\n.cfi_offset %rbx, -16\nret"
    ),
  ])
  func `a function that breaks a rule is refuted by that rule`(_ rule: String, _ body: String) throws {
    let checked = try Checked(function: body)
    #expect(checked.rules == [rule], "\(checked.findings.map(\.explanation))")
  }

  @Test func `a jump to a function with words left on the stack is refuted`() throws {
    let checked = try Checked(
      assembly: """
        .text
        .globl g
        .type g, @function
        g:
        .cfi_startproc
        push %rdi
        .cfi_adjust_cfa_offset 8
        jmp f
        .cfi_endproc
        .size g, . - g
        .p2align 6
        .local f
        .type f, @function
        f:
        .cfi_startproc
        ret
        .cfi_endproc
        .size f, . - f
        """)
    #expect(checked.rules == ["tail-call-unbalanced"], "\(checked.findings.map(\.explanation))")
  }

  @Test func `a function that is called and begins with another row is refuted`() throws {
    let checked = try Checked(
      assembly: """
        .text
        .type g, @function
        g:
        .cfi_startproc
        sub $8, %rsp
        .cfi_adjust_cfa_offset 8
        call f
        add $8, %rsp
        .cfi_adjust_cfa_offset -8
        ret
        .cfi_endproc
        .size g, . - g
        .p2align 6
        .type f, @function
        f:
        .cfi_startproc
        .cfi_def_cfa_offset 16
        ret
        .cfi_endproc
        .size f, . - f
        """)
    #expect(checked.rules.contains("entry-row-wrong"), "\(checked.findings.map(\.explanation))")
  }

  @Test func `the directive that mends a row is the one that was left out`() throws {
    let checked = try Checked(function: "push %rbx\n.cfi_offset %rbx, -16\npop %rbx\n.cfi_restore %rbx\nret")
    let evidence = try #require(checked.findings.first?.evidence)
    #expect(evidence.remedy?.directive == ".cfi_def_cfa_offset 16")
    #expect(evidence.remedy?.after == evidence.from)
    #expect(evidence.consequence == "every unwinder takes the caller's rbx for the return address")
    #expect(checked.refuted == 1)
  }

  @Test func `a defect that goes on is one finding`() throws {
    let checked = try Checked(function: "push %rbx\nnop\nmov %rdi, %rax\ncall *%rax\nnop\npop %rbx\nret")
    #expect(checked.findings.count == 1)
    #expect(checked.refuted == 5)
  }

  @Test func `a row that a branch contradicts is mended before its target`() throws {
    let checked = try Checked(
      function: """
        push %rbx
        .cfi_def_cfa_offset 16
        .cfi_offset %rbx, -16
        test %edi, %edi
        je 1f
        pop %rbx
        .cfi_def_cfa_offset 8
        ret
        1: call *%rsi
        pop %rbx
        ret
        """)
    let evidence = try #require(checked.findings.first?.evidence)
    #expect(evidence.remedy?.directive == ".cfi_def_cfa_offset 16")
    // The ret, of one byte.
    #expect(evidence.remedy?.after == evidence.to - 1)
  }

  @Test func `no directive mends a row that two ways contradict each other about`() throws {
    let checked = try Checked(
      function: """
        mov $4, %ecx
        1: push %rdi
        .cfi_adjust_cfa_offset 8
        dec %ecx
        jne 1b
        add $32, %rsp
        ret
        """)
    #expect(checked.rules == ["cfa-wrong"])
    for finding in checked.findings { #expect(finding.evidence?.remedy == nil, "\(finding.explanation)") }
  }

  @Test func `a row that comes before its push in the first nop is refuted there`() throws {
    let checked = try Checked(
      function: """
        nop
        .cfi_adjust_cfa_offset 8
        push %rbx
        .cfi_offset %rbx, -16
        call *%rsi
        pop %rbx
        .cfi_adjust_cfa_offset -8
        .cfi_restore %rbx
        ret
        """)
    let finding = try #require(checked.findings.first)
    #expect(checked.findings.count == 1)
    #expect(finding.address == checked.table.fdes[0].addresses.lowerBound + 1)
    #expect(finding.evidence?.remedy?.directive == ".cfi_def_cfa_offset 8")
  }

  @Test func `FDEs that cover half of all addresses are undecided`() throws {
    let record = """
      .long 3f - 2f
      2: .long 2b - 1b
      .quad 0x1000
      .quad 0xfffffffffffff000 - 0x1000
      3:
      """
    let checked = try Checked(
      assembly: """
        .text
        ret
        .section .eh_frame, "a", @progbits
        1: .long 5f - 4f
        4: .long 0
        .byte 1, 0, 1, 0x78, 16, 0x0c, 7, 8, 0x90, 1, 0, 0
        5:
        \(record)
        """)
    #expect(checked.table.fdes.count == 1)
    #expect(checked.verdicts.map(\.unknown) == [[.tooLarge: 1]])
    #expect(checked.verdicts.map(\.bytes) == [0])
  }
}
