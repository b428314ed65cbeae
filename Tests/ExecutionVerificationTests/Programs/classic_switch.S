/* The classic fiber switch of DESIGN 2.1. DEFECT 1, 2, 3 or 5 brings one of its defects back; without, none of them is there (4 is of
   fibers that do not run: no step sees it). A stack's top, 16 bytes aligned, is its handle. Two words lie there: at top - 16 the
   resumer's rsp, at top - 8 the fiber's own while it does not run. With defect 3 both are the word at top - 16. */
#ifndef DEFECT
#define DEFECT 0
#endif
#if DEFECT == 3
#define OWN -16
#else
#define OWN -8
#endif
#if DEFECT == 2
#define ROW(...)
#else
#define ROW(...) __VA_ARGS__
#endif
        .text

        /* `load`: where the other side's rsp is; `store`: where this side's goes. */
        .macro  switch_body name, load, store
        .globl  \name
        .type   \name, @function
        .p2align 4
\name:
        ROW(.cfi_startproc)
        .irp    register, rbp, rbx, r12, r13, r14, r15
        pushq   %\register
        ROW(.cfi_adjust_cfa_offset 8)
        ROW(.cfi_rel_offset \register, 0)
        .endr
        movq    \load(%rdi), %rax
        movq    %rsp, \store(%rdi)
\name\()_window:                                /* the slot is written, rsp is not yet loaded */
        movq    %rax, %rsp
        .irp    register, r15, r14, r13, r12, rbx, rbp
        popq    %\register
        ROW(.cfi_adjust_cfa_offset -8)
        ROW(.cfi_restore \register)
        .endr
\name\()_return:
        retq
        ROW(.cfi_endproc)
        .size   \name, . - \name
        .endm

        switch_body classic_resume, OWN, -16
        switch_body classic_suspend, -16, OWN

        /* Its frame is the resumer's: rsp is top - 16 here, the word there the resumer's rsp below six registers and the return address. */
        .globl  classic_start
        .type   classic_start, @function
        .p2align 4
#if DEFECT != 5
        .cfi_startproc
#define START_ROWS                                                                                                     \
        START_CFA;                                                                                                     \
        .cfi_offset %rip, -8;                                                                                          \
        .cfi_offset %rbp, -16;                                                                                         \
        .cfi_offset %rbx, -24;                                                                                         \
        .cfi_offset %r12, -32;                                                                                         \
        .cfi_offset %r13, -40;                                                                                         \
        .cfi_offset %r14, -48;                                                                                         \
        .cfi_offset %r15, -56
#endif
#if DEFECT == 1
#define START_CFA .cfi_escape 0x0f, 4, 0x57, 0x06, 0x23, 0x38
#else
#define START_CFA .cfi_escape 0x0f, 5, 0x77, 0x00, 0x06, 0x23, 0x38
#endif
#if DEFECT == 5
classic_start:
        .cfi_startproc
        START_CFA
        .cfi_offset %rip, -8
        .cfi_offset %rbp, -16
        .cfi_offset %rbx, -24
        .cfi_offset %r12, -32
        .cfi_offset %r13, -40
        .cfi_offset %r14, -48
        .cfi_offset %r15, -56
#else
        START_ROWS
        nop                                     /* "pc - 1" of a fiber that has not run finds this row */
classic_start:
#endif
        movq    %r12, %rdi
        callq   *%rbx
        ud2
        .cfi_endproc
        .size   classic_start, . - classic_start

        /* void classic_init(top: rdi, entry: rsi, argument: rdx) */
        .globl  classic_init
        .type   classic_init, @function
        .p2align 4
classic_init:
        .cfi_startproc
        leaq    classic_start(%rip), %rax
        movq    %rax, -0x18(%rdi)
        movq    $0, -0x20(%rdi)                 /* rbp */
        movq    %rsi, -0x28(%rdi)               /* rbx */
        movq    %rdx, -0x30(%rdi)               /* r12 */
        leaq    -0x48(%rdi), %rax
        movq    %rax, OWN(%rdi)
        retq
        .cfi_endproc
        .size   classic_init, . - classic_init
        .section .note.GNU-stack, "", @progbits
