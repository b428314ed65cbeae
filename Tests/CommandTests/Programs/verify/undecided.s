# Correct, but for an indirect jump (the defect) that nobody can follow, and code behind it that only such a jump leads to.
  .text
  .globl dispatch
  .type dispatch, @function
dispatch:
  .cfi_startproc
  jmp *%rdi
  nop
  ret
  .cfi_endproc
  .size dispatch, . - dispatch
  .section .note.GNU-stack, "", @progbits
