# Correct, as far as anybody can tell: where the indirect jump leads is known to nobody, and nothing else leads behind it.
  .text
  .globl dispatch
  .type dispatch, @function
dispatch:
  .cfi_startproc
  push %rbx
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %rbx, 0
  jmp *%rdi # the defect: leads to the next instruction, or elsewhere
  mov (%rsi), %rsp
  ret
  .cfi_endproc
  .size dispatch, . - dispatch
  .section .note.GNU-stack, "", @progbits
