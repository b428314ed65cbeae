extension FlowPair {
  /// Where the frame is.
  static let frames: [FlowPair] = [
    FlowPair(
      "the CFA stays with rsp while rsp moves", "cfa-wrong", right: ".cfi_def_cfa_register %rbp", wrong: "",
      """
      push %rbp
      .cfi_def_cfa_offset 16
      .cfi_offset %rbp, -16
      mov %rsp, %rbp
      .cfi_def_cfa_register %rbp
      sub $48, %rsp
      call *%rdi
      leave
      .cfi_def_cfa %rsp, 8
      ret
      """),
    FlowPair(
      "rbp is changed while the CFA is in it", "cfa-wrong", right: ".cfi_def_cfa %rsp, 8\n", wrong: "",
      """
      push %rbp
      .cfi_def_cfa_offset 16
      .cfi_offset %rbp, -16
      mov %rsp, %rbp
      .cfi_def_cfa_register %rbp
      call *%rdi
      pop %rbp
      .cfi_def_cfa %rsp, 8
      nop
      ret
      """),
    FlowPair(
      "a realigned frame is described as another", "register-slot-wrong", right: "0x10, 6, 2, 0x76, 0",
      wrong: "0x10, 6, 2, 0x76, 8",
      """
      lea 8(%rsp), %r10
      .cfi_def_cfa %r10, 0
      and $-32, %rsp
      push -8(%r10)
      push %rbp
      mov %rsp, %rbp
      .cfi_escape 0x10, 6, 2, 0x76, 0           # rbp at rbp+0
      push %r10
      .cfi_escape 0xf, 3, 0x76, 0x78, 6         # CFA = [rbp-8]
      sub $40, %rsp
      call *%rdi
      mov -8(%rbp), %r10
      .cfi_def_cfa %r10, 0
      leave
      .cfi_restore %rbp
      lea -8(%r10), %rsp
      .cfi_def_cfa %rsp, 8
      ret
      """),
    FlowPair(
      "a frame of variable size is given up too early", "cfa-wrong",
      right: "leave\n.cfi_def_cfa %rsp, 8", wrong: ".cfi_def_cfa %rbp, 8\nleave\n.cfi_def_cfa %rsp, 8",
      """
      push %rbp
      .cfi_def_cfa_offset 16
      .cfi_offset %rbp, -16
      mov %rsp, %rbp
      .cfi_def_cfa_register %rbp
      sub %rdi, %rsp
      mov %rsp, %rdi
      call *%rsi
      leave
      .cfi_def_cfa %rsp, 8
      ret
      """),
    FlowPair(
      "a directive is left out in one arm of a switch", "cfa-wrong", right: "2: pop %rbx\n.cfi_def_cfa_offset 8",
      wrong: "2: pop %rbx",
      """
      push %rbx
      .cfi_def_cfa_offset 16
      .cfi_offset %rbx, -16
      cmp $2, %edi
      ja 3f
      lea 9f(%rip), %rdx
      movslq (%rdx,%rdi,4), %rax
      add %rdx, %rax
      jmp *%rax
      .cfi_remember_state
      1: pop %rbx
      .cfi_def_cfa_offset 8
      ret
      .cfi_restore_state
      .cfi_remember_state
      2: pop %rbx
      .cfi_def_cfa_offset 8
      ret
      .cfi_restore_state
      3: call *%rsi
      pop %rbx
      .cfi_def_cfa_offset 8
      ret
      .section .rodata
      .p2align 2
      9: .long 1b - 9b, 2b - 9b, 3b - 9b
      .text
      """),
    FlowPair(
      "a ret pops a word that was never written", "wrong-at-return", right: "add $8, %rsp\n.cfi_def_cfa_offset 8",
      wrong: "",
      """
      sub $8, %rsp
      .cfi_def_cfa_offset 16
      call *%rdi
      add $8, %rsp
      .cfi_def_cfa_offset 8
      ret
      """),
    FlowPair(
      "a jump to a function of another file leaves a word", "tail-call-unbalanced",
      right: "pop %rcx\n.cfi_def_cfa_offset 8", wrong: "",
      """
      push %rdi
      .cfi_def_cfa_offset 16
      call *%rsi
      pop %rcx
      .cfi_def_cfa_offset 8
      jmp elsewhere
      """),
    FlowPair(
      "the first row has a rule for what is saved behind it", "entry-row-wrong", right: "push %rbx",
      wrong: ".cfi_offset %rbx, -16\npush %rbx",
      """
      push %rbx
      .cfi_def_cfa_offset 16
      .cfi_offset %rbx, -16
      call *%rdi
      pop %rbx
      .cfi_def_cfa_offset 8
      ret
      """),
  ]
}
