# Code for the tests of listings: each function has one thing to show. Linked to a fixed address, so that its bytes are fixed.
  .intel_syntax noprefix
  .text

# A frame as compilers make it, with an early return.
  .globl framed
  .type framed, @function
framed:
  .cfi_startproc
  push rbp
  .cfi_def_cfa_offset 16
  .cfi_offset rbp, -16
  mov rbp, rsp
  .cfi_def_cfa_register rbp
  push rbx
  .cfi_offset rbx, -24
  test edi, edi
  je 1f
  call expressions
  lea rax, [rip + framed]
  mov rbx, [rbp - 8]
  .cfi_remember_state
  leave
  .cfi_def_cfa rsp, 8
  .cfi_restore rbp
  .cfi_restore rbx
  ret
1:
  .cfi_restore_state
  leave
  .cfi_def_cfa rsp, 8
  ret
  .cfi_endproc
  .size framed, . - framed

# What compilers put elsewhere.
  .type framed.cold, @function
framed.cold:
  .cfi_startproc
  .cfi_def_cfa_offset 32
  ud2
  .cfi_endproc
  .size framed.cold, . - framed.cold

# Every kind of rule: CFA = *(rbp), rbp = *(rbp), r12 in rcx, r13 = CFA - 32, r14 unchanged, r15 = *(CFA) + 8 by an expression.
  .globl expressions
  .type expressions, @function
expressions:
  .cfi_startproc simple
  .cfi_signal_frame
  .cfi_escape 0x0f, 3, 0x76, 0x00, 0x06
  .cfi_offset rip, -8
  .cfi_escape 0x10, 0x06, 2, 0x76, 0x00
  .cfi_register r12, rcx
  .cfi_val_offset r13, -32
  .cfi_same_value r14
  .cfi_escape 0x16, 0x0f, 3, 0x06, 0x23, 0x08
  .cfi_undefined rax
  .cfi_undefined r8
  .cfi_undefined r9
  nop
  .cfi_undefined r10
  nop
  .cfi_escape 0x2e, 16
  xor eax, eax
  ret
  .cfi_endproc
  .size expressions, . - expressions

# A row that begins inside an instruction: a table that does not fit its code.
  .globl inside
  .type inside, @function
inside:
  .cfi_startproc
  .byte 0x48
  .cfi_def_cfa_offset 24
  .byte 0x89, 0xe5
  ret
  .cfi_endproc
  .size inside, . - inside

# An FDE that ends inside an instruction.
  .globl overrun
  .type overrun, @function
overrun:
  .cfi_startproc
  .byte 0x48, 0x89
  .cfi_endproc
  .byte 0xe5
  ret
  .size overrun, . - overrun

# Bytes that are no instruction, and a long instruction.
  .globl data
  .type data, @function
data:
  .cfi_startproc
  jmp 1f
  .byte 0x06, 0x27, 0x37
1:
  movabs rax, 0x1122334455667788
  ret
  .cfi_endproc
  .size data, . - data

# An FDE that begins with a byte of what is before the function, as glibc's of __restore_rt does.
  .byte 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00
  .cfi_startproc
  .cfi_signal_frame
  .byte 0x00
  .globl restorer
  .type restorer, @function
restorer:
  mov rax, 15
  syscall
  .cfi_endproc
  .size restorer, . - restorer

  .balign 16
# Code that nothing describes.
  .globl bare
  .type bare, @function
bare:
  setne al
  cmovge eax, ecx
  ret
  .size bare, . - bare

# A name of two functions.
  .type twin_one, @function
twin_one:
  .cfi_startproc
  ret
  .cfi_endproc
  .size twin_one, . - twin_one
  .type twin_two, @function
twin_two:
  .cfi_startproc
  ret
  .cfi_endproc
  .size twin_two, . - twin_two

# shop::Till::ring(int)
  .globl _ZN4shop4Till4ringEi
  .type _ZN4shop4Till4ringEi, @function
_ZN4shop4Till4ringEi:
  .cfi_startproc
  ret
  .cfi_endproc
  .size _ZN4shop4Till4ringEi, . - _ZN4shop4Till4ringEi

  .section .note.GNU-stack, "", @progbits
