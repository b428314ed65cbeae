# Calls the function that is stepped. Its callers have a sound stack whatever the function does to rsp and the registers: they are
# taken from a place that rsp does not lead to.
#
#   int ft_stepping_call(void (*body)(void *), void *context)
#
# Answers 0 when the body has returned, and 1 when the recorder has sent control to ft_stepping_abandoned.

        .text
        .globl  ft_stepping_call
        .hidden ft_stepping_call
        .type   ft_stepping_call, @function
ft_stepping_call:
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
        pushq   %r13
        .cfi_offset %r13, -40
        pushq   %r14
        .cfi_offset %r14, -48
        pushq   %r15
        .cfi_offset %r15, -56
        movq    %rdi, %rax
        # Zeros above the body's frame: a body that pops too much returns to address 0, and nowhere else.
        xorl    %edx, %edx
        movl    $33, %ecx
1:      pushq   %rdx
        decl    %ecx
        jnz     1b
        movq    %rsi, %rdi
        movq    %rbx, ft_stepping_before + 8*3(%rip)
        movq    %rbp, ft_stepping_before + 8*6(%rip)
        movq    %rsp, ft_stepping_before + 8*7(%rip)
        movq    %r12, ft_stepping_before + 8*12(%rip)
        movq    %r13, ft_stepping_before + 8*13(%rip)
        movq    %r14, ft_stepping_before + 8*14(%rip)
        movq    %r15, ft_stepping_before + 8*15(%rip)
        pushfq
        orq     $0x100, (%rsp)
        # The first trap comes behind the instruction that follows: at the body's first.
        popfq
        .globl  ft_stepping_call_site
        .hidden ft_stepping_call_site
ft_stepping_call_site:
        call    *%rax
        # The trap here ends the recording: its handler clears the flag.
        .globl  ft_stepping_returned
        .hidden ft_stepping_returned
ft_stepping_returned:
        movq    %rbx, ft_stepping_after + 8*3(%rip)
        movq    %rbp, ft_stepping_after + 8*6(%rip)
        movq    %rsp, ft_stepping_after + 8*7(%rip)
        movq    %r12, ft_stepping_after + 8*12(%rip)
        movq    %r13, ft_stepping_after + 8*13(%rip)
        movq    %r14, ft_stepping_after + 8*14(%rip)
        movq    %r15, ft_stepping_after + 8*15(%rip)
        xorl    %eax, %eax
        jmp     2f
        .globl  ft_stepping_abandoned
        .hidden ft_stepping_abandoned
ft_stepping_abandoned:
        movl    $1, %eax
2:      cld
        movq    ft_stepping_before + 8*6(%rip), %rbp
        leaq    -40(%rbp), %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        .cfi_def_cfa %rsp, 8
        .cfi_same_value %rbp
        .cfi_same_value %rbx
        .cfi_same_value %r12
        .cfi_same_value %r13
        .cfi_same_value %r14
        .cfi_same_value %r15
        ret
        .cfi_endproc
        .globl  ft_stepping_call_end
        .hidden ft_stepping_call_end
ft_stepping_call_end:
        .size   ft_stepping_call, . - ft_stepping_call

        .section .note.GNU-stack, "", @progbits
