# A push that its rows do not follow.
  .text
  .globl wrong
  .type wrong, @function
wrong:
  .cfi_startproc
  push %rbx # the defect: no .cfi_adjust_cfa_offset 8 follows
  nop
  pop %rbx
  ret
  .cfi_endproc
  .size wrong, . - wrong

  .globl right
  .type right, @function
right:
  .cfi_startproc
  push %rbx
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %rbx, 0
  nop
  pop %rbx
  .cfi_adjust_cfa_offset -8
  .cfi_restore %rbx
  ret
  .cfi_endproc
  .size right, . - right
  .section .note.GNU-stack, "", @progbits
