# Called by stepped.c: the row of one function is wrong, that of the other cannot be decided without running it.
        .text
        .globl  wrong
        .type   wrong, @function
wrong:
        .cfi_startproc
        push    %rbx
        # .cfi_adjust_cfa_offset 8 is missing
        nop
        pop     %rbx
        ret
        .cfi_endproc
        .size   wrong, . - wrong

        .globl  undecided
        .type   undecided, @function
undecided:
        .cfi_startproc
        lea     8(%rsp), %rcx
        # What is in rcx is not followed through these.
        not     %rcx
        not     %rcx
        .cfi_def_cfa rcx, 0
        nop
        .cfi_def_cfa rsp, 8
        ret
        .cfi_endproc
        .size   undecided, . - undecided
        .section .note.GNU-stack, "", @progbits
