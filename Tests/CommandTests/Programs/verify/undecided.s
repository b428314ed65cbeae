# A leap to another stack (the defect): whether a return address lies where it leads, no file can tell.
  .text
  .globl leap
  .type leap, @function
leap:
  .cfi_startproc
  mov (%rdi), %rsp
  nop
  ret
  .cfi_endproc
  .size leap, . - leap
  .section .note.GNU-stack, "", @progbits
