extension FlowPair {
  /// Slots and the registers they hold.
  static let slots: [FlowPair] = [
    FlowPair(
      "a rule is stale", "register-slot-wrong", right: ".cfi_restore %rbx", wrong: "",
      """
      push %rbx
      .cfi_def_cfa_offset 16
      .cfi_offset %rbx, -16
      mov %rdi, %rbx
      pop %rbx
      .cfi_def_cfa_offset 8
      .cfi_restore %rbx
      push %rdi
      .cfi_def_cfa_offset 16
      call *%rdi
      pop %rcx
      .cfi_def_cfa_offset 8
      ret
      """),
    FlowPair(
      "a rule is premature", "register-slot-wrong", right: "sub $32, %rsp",
      wrong: ".cfi_offset %rbx, -16\nsub $32, %rsp",
      """
      nop
      sub $32, %rsp
      .cfi_def_cfa_offset 40
      mov %rbx, 24(%rsp)
      .cfi_offset %rbx, -16
      mov %rdi, %rbx
      call *%rdi
      mov 24(%rsp), %rbx
      .cfi_restore %rbx
      add $32, %rsp
      .cfi_def_cfa_offset 8
      ret
      """),
    FlowPair(
      "a slot is overwritten", "register-slot-wrong", right: ".cfi_restore %rbx", wrong: "",
      """
      sub $24, %rsp
      .cfi_def_cfa_offset 32
      mov %rbx, 8(%rsp)
      .cfi_offset %rbx, -24
      mov %rdi, %rbx
      mov 8(%rsp), %rbx
      .cfi_restore %rbx
      mov %rdi, 8(%rsp)
      call *%rdi
      add $24, %rsp
      .cfi_def_cfa_offset 8
      ret
      """),
    FlowPair(
      "a slot is overwritten in part", "register-slot-wrong", right: ".cfi_restore %rbx", wrong: "",
      """
      sub $24, %rsp
      .cfi_def_cfa_offset 32
      mov %rbx, 8(%rsp)
      .cfi_offset %rbx, -24
      mov %rdi, %rbx
      mov 8(%rsp), %rbx
      .cfi_restore %rbx
      movl $1, 12(%rsp)
      call *%rdi
      add $24, %rsp
      .cfi_def_cfa_offset 8
      ret
      """),
    FlowPair(
      "slots are swapped", "register-slot-wrong", right: ".cfi_offset %rbx, -16\n.cfi_offset %r12, -24",
      wrong: ".cfi_offset %rbx, -24\n.cfi_offset %r12, -16",
      """
      push %rbx
      .cfi_def_cfa_offset 16
      push %r12
      .cfi_def_cfa_offset 24
      .cfi_offset %rbx, -16
      .cfi_offset %r12, -24
      mov %rdi, %rbx
      mov %rdi, %r12
      pop %r12
      .cfi_def_cfa_offset 16
      pop %rbx
      .cfi_def_cfa_offset 8
      ret
      """),
    FlowPair(
      "a save in the red zone is relied on across a call", "register-slot-wrong", right: ".cfi_restore %rbx", wrong: "",
      """
      mov %rbx, -16(%rsp)
      .cfi_offset %rbx, -24
      mov %rdi, %rbx
      xor %ebx, %ebx
      mov -16(%rsp), %rbx
      .cfi_restore %rbx
      sub $8, %rsp
      .cfi_def_cfa_offset 16
      call *%rdi
      add $8, %rsp
      .cfi_def_cfa_offset 8
      ret
      """),
    FlowPair(
      "a save lies below the red zone", "register-slot-wrong", right: "\n.cfi_offset %rbx, -136",
      wrong: "\n.cfi_offset %rbx, -144",
      """
      mov %rbx, -128(%rsp)
      mov %rbx, -136(%rsp)
      .cfi_offset %rbx, -136
      mov %rdi, %rbx
      nop
      mov -128(%rsp), %rbx
      .cfi_restore %rbx
      ret
      """),
    FlowPair(
      "a rule leads to what the caller has", "register-slot-wrong", right: ".cfi_offset %rbx, -16",
      wrong: ".cfi_offset %rbx, 8",
      """
      push %rbx
      .cfi_def_cfa_offset 16
      .cfi_offset %rbx, -16
      mov %rdi, %rbx
      call *%rdi
      pop %rbx
      .cfi_def_cfa_offset 8
      .cfi_restore %rbx
      ret
      """),
  ]

  /// How the CFA and registers are found otherwise than by a slot.
  static let rules: [FlowPair] = [
    FlowPair(
      "a register is declared lost that was saved", "register-lost", right: ".cfi_offset %rbx, -16",
      wrong: ".cfi_undefined %rbx",
      """
      push %rbx
      .cfi_def_cfa_offset 16
      .cfi_offset %rbx, -16
      mov %rdi, %rbx
      call *%rdi
      pop %rbx
      .cfi_def_cfa_offset 8
      .cfi_restore %rbx
      ret
      """),
    FlowPair(
      "a register is declared lost that nothing has changed", "register-lost", right: "sub",
      wrong: ".cfi_undefined %r15\nsub",
      "sub $8, %rsp\n.cfi_def_cfa_offset 16\ncall *%rdi\nadd $8, %rsp\n.cfi_def_cfa_offset 8\nret"),
    FlowPair(
      "the stack pointer is declared lost", "register-lost", right: "nop", wrong: ".cfi_undefined %rsp\nnop", "nop\nret"
    ),
    FlowPair(
      "the return address is declared lost", "register-lost", right: "nop", wrong: ".cfi_undefined %rip\nnop",
      "nop\nret"),
    FlowPair(
      "same_value comes too early", "register-not-described", right: "pop %rbx\n.cfi_same_value %rbx",
      wrong: ".cfi_same_value %rbx\npop %rbx",
      """
      push %rbx
      .cfi_def_cfa_offset 16
      .cfi_offset %rbx, -16
      mov %rdi, %rbx
      nop
      pop %rbx
      .cfi_same_value %rbx
      .cfi_def_cfa_offset 8
      ret
      """),
    FlowPair(
      "a value is said to be the CFA plus a number", "register-slot-wrong", right: ".cfi_offset %rbx, -16",
      wrong: ".cfi_val_offset %rbx, -16",
      """
      push %rbx
      .cfi_def_cfa_offset 16
      .cfi_offset %rbx, -16
      mov %rdi, %rbx
      nop
      pop %rbx
      .cfi_restore %rbx
      .cfi_def_cfa_offset 8
      ret
      """),
    FlowPair(
      "the register that holds another is changed by a call", "register-slot-wrong",
      right: "mov %rcx, %rbx\n.cfi_restore %rbx\n", wrong: "mov %rcx, %rbx\n",
      """
      mov %rbx, %rcx
      .cfi_register %rbx, %rcx
      mov %rdi, %rbx
      mov %rcx, %rbx
      .cfi_restore %rbx
      sub $8, %rsp
      .cfi_def_cfa_offset 16
      call *%rdi
      add $8, %rsp
      .cfi_def_cfa_offset 8
      ret
      """),
    FlowPair(
      "the caller's stack pointer is said to be another", "register-slot-wrong", right: ".cfi_val_offset %rsp, 0",
      wrong: ".cfi_val_offset %rsp, -8", "nop\n.cfi_val_offset %rsp, 0\nnop\nret"),
    FlowPair(
      "a caller-saved register is taken from a word that holds another", "register-slot-wrong",
      right: ".cfi_offset %rax, -16", wrong: ".cfi_offset %rax, -24",
      """
      push %rax
      .cfi_def_cfa_offset 16
      push %rdi
      .cfi_def_cfa_offset 24
      .cfi_offset %rax, -16
      xor %eax, %eax
      call *%rdi
      add $16, %rsp
      .cfi_def_cfa_offset 8
      .cfi_undefined %rax
      ret
      """),
    FlowPair(
      "an expression reads another word", "register-slot-wrong", right: ".cfi_escape 0x10, 3, 2, 0x77, 8",
      wrong: ".cfi_escape 0x10, 3, 2, 0x77, 0",
      """
      push %rbx
      .cfi_def_cfa_offset 16
      push %rdi
      .cfi_def_cfa_offset 24
      .cfi_escape 0x10, 3, 2, 0x77, 8     # rbx at rsp+8
      mov %rdi, %rbx
      call *%rdi
      mov 8(%rsp), %rbx
      .cfi_restore %rbx
      add $16, %rsp
      .cfi_def_cfa_offset 8
      ret
      """),
  ]
}
