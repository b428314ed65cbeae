/* The classic fiber switch (DESIGN 2.1): one slot at top - 16 for "my parent" and "my saved sp". Its rows are as good as rows of it
   can be, so that defects 3 and 5 are what is left; with -DNO_ROWS it has none (defect 2), with -DLOCATION the base frame's are the
   usual ones (defect 1), with -DREVERSED the slot is written last (defect 3 the other way), with -DBARE_START a fiber begins where
   its FDE does, right behind another function (defect 5). rdi: the stack's top. */
#ifdef NO_ROWS
#define ROW(...)
#else
#define ROW(...) __VA_ARGS__
#endif
        .text
        .globl  one_slot_switch
        .type   one_slot_switch, @function
        .p2align 4
one_slot_switch:
        ROW(.cfi_startproc)
        .irp    register, rbp, rbx, r12, r13, r14, r15
        pushq   %\register
        ROW(.cfi_adjust_cfa_offset 8)
        ROW(.cfi_rel_offset %\register, 0)
        .endr
        movq    -16(%rdi), %rax
        .globl  one_slot_window
#ifdef REVERSED
        xchgq   %rax, %rsp
one_slot_window:
        movq    %rax, -16(%rdi)
#else
        movq    %rsp, -16(%rdi)                 /* the slot holds the fiber's own sp ... */
one_slot_window:
        movq    %rax, %rsp                      /* ... until here */
#endif
        .globl  one_slot_pops
one_slot_pops:
        .irp    register, r15, r14, r13, r12, rbx, rbp
        popq    %\register
        ROW(.cfi_adjust_cfa_offset -8)
        ROW(.cfi_restore %\register)
        .endr
        ret
        ROW(.cfi_endproc)
        .size   one_slot_switch, . - one_slot_switch

        .type   one_slot_start, @function
#ifndef BARE_START
        .p2align 4
#endif
one_slot_start:
        .cfi_startproc
#ifdef LOCATION
        .cfi_escape 0x0f, 4, 0x57, 0x06, 0x23, 0x38             /* DW_OP_reg7, deref, plus_uconst 56 */
#else
        .cfi_escape 0x0f, 5, 0x77, 0, 0x06, 0x23, 0x38          /* DW_OP_breg7 0, deref, plus_uconst 56 */
#endif
        .cfi_offset %rip, -8
        .cfi_offset %rbp, -16
        .cfi_offset %rbx, -24
        .cfi_offset %r12, -32
        .cfi_offset %r13, -40
        .cfi_offset %r14, -48
        .cfi_offset %r15, -56
#ifndef BARE_START
        nop
#endif
one_slot_first:
        movq    %r12, %rdi
        callq   *%rbx
        ud2
        .cfi_endproc
        .size   one_slot_start, . - one_slot_start

/* rsi: what is to be run; rdx: its argument. */
        .globl  one_slot_init
        .type   one_slot_init, @function
        .p2align 4
one_slot_init:
        .cfi_startproc
        leaq    one_slot_first(%rip), %rax
        movq    %rax, -0x18(%rdi)               /* return address */
        movq    %rdi, -0x20(%rdi)               /* rbp */
        movq    %rsi, -0x28(%rdi)               /* rbx */
        movq    %rdx, -0x30(%rdi)               /* r12 */
        leaq    -0x48(%rdi), %rax
        movq    %rax, -0x10(%rdi)               /* the slot */
        ret
        .cfi_endproc
        .size   one_slot_init, . - one_slot_init
        .section .note.GNU-stack, "", @progbits
