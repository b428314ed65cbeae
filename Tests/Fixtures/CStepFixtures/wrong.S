# Functions with one defect each, named on the line that has it.

        .text

        .globl  step_push_untold
        .type   step_push_untold, @function
step_push_untold:
        .cfi_startproc
        pushq   %rdi                    # defect: no .cfi_def_cfa_offset 16 behind it
        movq    %rdi, %rax
        popq    %rdi
        ret
        .cfi_endproc
        .size   step_push_untold, . - step_push_untold

        .globl  step_premature_rule
        .type   step_premature_rule, @function
step_premature_rule:
        .cfi_startproc
        subq    $8, %rsp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbx, -16           # defect: belongs behind the store
        movq    %rbx, (%rsp)
        movq    %rdi, %rbx
        movq    %rbx, %rax
        movq    (%rsp), %rbx
        .cfi_restore %rbx
        addq    $8, %rsp
        .cfi_def_cfa_offset 8
        ret
        .cfi_endproc
        .size   step_premature_rule, . - step_premature_rule

        .globl  step_clobbered_rbx
        .type   step_clobbered_rbx, @function
step_clobbered_rbx:
        .cfi_startproc
        leaq    1(%rdi), %rbx           # defect: neither saved nor declared undefined
        movq    %rbx, %rax
        ret
        .cfi_endproc
        .size   step_clobbered_rbx, . - step_clobbered_rbx

        .globl  step_clobbered_r12
        .type   step_clobbered_r12, @function
step_clobbered_r12:
        .cfi_startproc
        leaq    1(%rdi), %r12           # defect: neither saved nor declared undefined
        movq    %r12, %rax
        ret
        .cfi_endproc
        .size   step_clobbered_r12, . - step_clobbered_r12

        .globl  step_pops_too_much
        .type   step_pops_too_much, @function
step_pops_too_much:
        .cfi_startproc
        movq    %rdi, %rax
        ret     $8                      # defect: nobody has pushed these 8 bytes for it
        .cfi_endproc
        .size   step_pops_too_much, . - step_pops_too_much

        .globl  step_unbalanced
        .type   step_unbalanced, @function
step_unbalanced:
        .cfi_startproc
        pushq   $3
        .cfi_def_cfa_offset 16
        movq    %rdi, %rax
        ret                             # defect: without addq $8, %rsp before it
        .cfi_endproc
        .size   step_unbalanced, . - step_unbalanced

        .globl  step_misaligned
        .type   step_misaligned, @function
step_misaligned:
        .cfi_startproc
        movaps  %xmm0, -24(%rsp)
        movaps  %xmm0, -32(%rsp)        # defect: rsp is 8 bytes off a multiple of 16 here
        ret
        .cfi_endproc
        .size   step_misaligned, . - step_misaligned

        .globl  step_epilogue_untold
        .type   step_epilogue_untold, @function
step_epilogue_untold:
        .cfi_startproc
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        movq    %rdi, %rax
        popq    %rbp                    # defect: no .cfi_def_cfa %rsp, 8 behind it
        ret
        .cfi_endproc
        .size   step_epilogue_untold, . - step_epilogue_untold

        .globl  step_without_rows
        .type   step_without_rows, @function
step_without_rows:                      # defect: no .cfi_startproc
        movq    %rdi, %rax
        ret
        .size   step_without_rows, . - step_without_rows

        .globl  step_outermost
        .type   step_outermost, @function
step_outermost:
        .cfi_startproc
        .cfi_undefined %rip             # defect: it has a caller
        movq    %rdi, %rax
        ret
        .cfi_endproc
        .size   step_outermost, . - step_outermost

        .globl  step_sets_direction
        .type   step_sets_direction, @function
step_sets_direction:
        .cfi_startproc
        std                             # defect: without cld before it returns
        ret
        .cfi_endproc
        .size   step_sets_direction, . - step_sets_direction

        .section .note.GNU-stack, "", @progbits
