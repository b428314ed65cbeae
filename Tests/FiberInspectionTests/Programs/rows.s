# Functions with call frame information of every kind, for walks of hand-made stacks. Never executed: a test puts pcs at the labels
# into registers and memory, and words around them.

        .text
        .globl  call_site, after_call
# A plain frame in which the others are called.
        .type   call_site, @function
call_site:
        .cfi_startproc
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        callq   bare
after_call:
        nop
        .cfi_endproc
        .size   call_site, . - call_site

# No callers.
        .globl  last
        .type   last, @function
        .cfi_startproc
last:   .cfi_undefined %rip
        nop
        nop
        .cfi_endproc
        .size   last, . - last

# A frame that begins where rbx says.
        .globl  by_rbx
        .type   by_rbx, @function
        .cfi_startproc
by_rbx: .cfi_def_cfa %rbx, 16
        nop
        nop
        .cfi_endproc
        .size   by_rbx, . - by_rbx

# rbx in every way that a rule can tell. CFA = rsp + 32, the return address at CFA - 8.
        .macro  rule name, directive:vararg
        .globl  \name
        .type   \name, @function
        .cfi_startproc
\name:  .cfi_def_cfa_offset 32
        \directive
        nop
        nop
        .cfi_endproc
        .size   \name, . - \name
        .endm

        rule    kept, .cfi_same_value %rbx
        rule    unsaid, nop
        rule    lost, .cfi_undefined %rbx
        rule    saved, .cfi_offset %rbx, -24
        rule    computed, .cfi_val_offset %rbx, -48
        rule    moved, .cfi_register %rbx, %r12
        # expression, rbx, 3 bytes: breg12 (r12) 16, and two nops less
        rule    saved_elsewhere, .cfi_escape 0x10, 3, 2, 0x7c, 16
        # expression, 5 bytes: breg12 (r12) 16; lit8; plus; nop
        rule    saved_far, .cfi_escape 0x10, 3, 5, 0x7c, 16, 0x38, 0x22, 0x96
        # val_expression, 4 bytes: (CFA on the stack) lit24; plus; plus_uconst 0
        rule    expressed, .cfi_escape 0x16, 3, 4, 0x48, 0x22, 0x23, 0
        rule    returns_by_rcx, .cfi_register %rip, %rcx
        rule    same_return, .cfi_same_value %rip
        # expression, rip, 3 bytes: breg7 8; nop. The return address elsewhere than at CFA - 8.
        rule    returns_by_expression, .cfi_escape 0x10, 16, 3, 0x77, 8, 0x96
        # rsp is CFA + 64.
        rule    moves_rsp, .cfi_val_offset %rsp, 64
        # rsp is as it was; it is not known.
        rule    keeps_rsp, .cfi_same_value %rsp
        rule    loses_rsp, .cfi_undefined %rsp
        # More than a small step holds; the last saved lies lowest.
        .globl  many
        .type   many, @function
        .cfi_startproc
many:   .cfi_def_cfa_offset 32
        .set    place, -16
        .irp    register, rbx, rbp, r12, r13, r14, r15, rdi, rsi, rdx, rcx
        .cfi_offset \register, place
        .set    place, place - 8
        .endr
        nop
        nop
        .cfi_endproc
        .size   many, . - many

# A realigned frame: CFA = *(rbp - 8), def_cfa_expression, 3 bytes: breg6 -8; deref. rbp lies at *(rbp).
        rule    realigned, .cfi_escape 0x0f, 3, 0x76, 0x78, 0x06, 0x10, 6, 2, 0x76, 0
# The same and an addend: breg6 -8; deref; plus_uconst 24.
        rule    realigned_far, .cfi_escape 0x0f, 5, 0x76, 0x78, 0x06, 0x23, 24, 0x10, 6, 2, 0x76, 0
# deref_size, which libdw cannot evaluate: breg6 -8; deref_size 4.
        rule    sized, .cfi_escape 0x0f, 4, 0x76, 0x78, 0x94, 4
# As in a PLT: rsp + 8 + ((rip & 15) >= 0) << 3: breg7 8; breg16 0; lit15; and; lit0; ge; lit3; shl; plus.
        rule    plt, .cfi_escape 0x0f, 11, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x30, 0x2a, 0x33, 0x24, 0x22

# A handler's return, as in __restore_rt: what was interrupted is in a ucontext. rsp at *(rsp + 160), rip at *(rsp + 168).
        .globl  trampoline
        .type   trampoline, @function
        .cfi_startproc simple
        .cfi_signal_frame
        .cfi_escape 0x0f, 4, 0x77, 0xa0, 0x01, 0x06     # def_cfa_expression: breg7 160; deref
        .cfi_escape 0x10, 6, 3, 0x77, 0xf8, 0x00        # rbp: breg7 120
        .cfi_escape 0x10, 16, 3, 0x77, 0xa8, 0x01       # rip: breg7 168
        nop
trampoline:
        nop
        .cfi_endproc
        .size   trampoline, . - trampoline

# Hostile rows.
        # CFA = rsp: a caller at the same place. The return address lies at CFA - 8.
        rule    stays, .cfi_def_cfa_offset 0
        # skip -3: for ever.
        rule    spins, .cfi_escape 0x0f, 3, 0x2f, 0xfd, 0xff
        # dup for ever: breg7 0; dup; skip -4.
        rule    grows, .cfi_escape 0x0f, 6, 0x77, 0, 0x12, 0x2f, 0xfc, 0xff
        # A register's name where its value is needed: reg7.
        rule    names, .cfi_escape 0x0f, 1, 0x57
        # xmm0 is none that a walk knows.
        rule    by_xmm, .cfi_def_cfa %xmm0, 8
        # restore_state without a state that was remembered.
        rule    unbalanced, .cfi_escape 0x0b

# No call frame information at all.
        .globl  bare
        .type   bare, @function
bare:   nop
        nop
        nop
        .size   bare, . - bare
        .section .note.GNU-stack, "", @progbits
