# Functions whose call frame information is right at each instruction.

        .text

        .globl  step_frame_pointer
        .type   step_frame_pointer, @function
step_frame_pointer:
        .cfi_startproc
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        pushq   %rbx
        .cfi_offset %rbx, -24
        pushq   %r12
        .cfi_offset %r12, -32
        movq    %rdi, %rbx
        movq    %rsi, %r12
        leaq    (%rbx, %r12), %rax
        popq    %r12
        .cfi_restore %r12
        popq    %rbx
        .cfi_restore %rbx
        popq    %rbp
        .cfi_def_cfa %rsp, 8
        .cfi_restore %rbp
        ret
        .cfi_endproc
        .size   step_frame_pointer, . - step_frame_pointer

        .globl  step_red_zone
        .type   step_red_zone, @function
step_red_zone:
        .cfi_startproc
        movq    %rdi, -8(%rsp)
        movq    %rsi, -16(%rsp)
        movq    -8(%rsp), %rax
        addq    -16(%rsp), %rax
        ret
        .cfi_endproc
        .size   step_red_zone, . - step_red_zone

        .globl  step_alloca
        .type   step_alloca, @function
step_alloca:
        .cfi_startproc
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        subq    %rdi, %rsp
        andq    $-16, %rsp
        movq    $0, (%rsp)
        movq    %rdi, %rax
        leave
        .cfi_def_cfa %rsp, 8
        .cfi_restore %rbp
        ret
        .cfi_endproc
        .size   step_alloca, . - step_alloca

        .globl  step_undefined_rbx
        .type   step_undefined_rbx, @function
step_undefined_rbx:
        .cfi_startproc
        .cfi_undefined %rbx
        leaq    1(%rdi), %rbx
        movq    %rbx, %rax
        ret
        .cfi_endproc
        .size   step_undefined_rbx, . - step_undefined_rbx

        .globl  step_recursion
        .type   step_recursion, @function
step_recursion:
        .cfi_startproc
        pushq   %rbx
        .cfi_def_cfa_offset 16
        .cfi_offset %rbx, -16
        movq    %rdi, %rbx
        xorl    %eax, %eax
        testq   %rdi, %rdi
        je      1f
        decq    %rdi
        call    step_recursion
        addq    %rbx, %rax
1:      popq    %rbx
        .cfi_def_cfa_offset 8
        .cfi_restore %rbx
        ret
        .cfi_endproc
        .size   step_recursion, . - step_recursion

        .globl  step_tail_call
        .type   step_tail_call, @function
step_tail_call:
        .cfi_startproc
        xchgq   %rdi, %rsi
        jmp     step_red_zone
        .cfi_endproc
        .size   step_tail_call, . - step_tail_call

        .section .note.GNU-stack, "", @progbits
