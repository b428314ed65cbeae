# A function without an FDE, the defect.
  .text
  .globl covered
  .type covered, @function
covered:
  .cfi_startproc
  ret
  .cfi_endproc
  .size covered, . - covered

  .globl uncovered
  .type uncovered, @function
uncovered:
  ret
  .size uncovered, . - uncovered
  .section .note.GNU-stack, "", @progbits
