/* The classic fiber switch with one slot for "my parent" and "my saved sp" (see DESIGN 2.1), with its defects. rdi: the stack's
   top; the slot lies at top - 16. */
        .text

/* Defect 2: the switch has no call frame information. */
        .globl  classic_switch
        .type   classic_switch, @function
        .p2align 4
classic_switch:
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        movq    -16(%rdi), %rax
        movq    %rsp, -16(%rdi)                 /* defect 3: the slot holds the fiber's own sp ... */
        movq    %rax, %rsp                      /* ... until here */
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        ret
        .size   classic_switch, . - classic_switch

/* The same, described as compilers describe a frame and not to its end: nothing follows the switch of stacks. */
        .globl  described_switch
        .type   described_switch, @function
        .p2align 4
described_switch:
        .cfi_startproc
        pushq   %rbp
        .cfi_adjust_cfa_offset 8
        pushq   %rbx
        movq    -16(%rdi), %rax                 /* the row still says CFA = rsp + 16 */
        movq    %rsp, -16(%rdi)
        movq    %rax, %rsp
        popq    %rbx
        popq    %rbp
        .cfi_adjust_cfa_offset -8
        ret
        .cfi_endproc
        .size   described_switch, . - described_switch

/* Defects 1 and 5: a location where a value is needed, and an FDE whose first instruction is where a fiber that has never run
   returns to, so that pc - 1 is outside. */
        .globl  classic_start
        .type   classic_start, @function
        .p2align 4
classic_start:
        .cfi_startproc
        .cfi_escape 0x0f, 4, 0x57, 0x06, 0x23, 0x38
        .cfi_offset %rip, -8
        .cfi_offset %rbp, -16
        .cfi_offset %rbx, -24
        .cfi_offset %r12, -32
        .cfi_offset %r13, -40
        .cfi_offset %r14, -48
        .cfi_offset %r15, -56
        movq    %r12, %rdi
        movq    %rbp, %rsi
        callq   *%rbx
        ud2
        .cfi_endproc
        .size   classic_start, . - classic_start
        .section .note.GNU-stack, "", @progbits
