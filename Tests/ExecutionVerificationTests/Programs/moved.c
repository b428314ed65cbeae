// A function that puts its return address into the upper end of an area of its caller's, and returns from there: the area is gone then, as
// in libffi. With -DWRONG its rows say so, and it returns from where it was called.
#include <stdio.h>

static int total;
void called(void) { total++; }
void calling(void);

__asm__(".text\n"
        ".type moved, @function\n"
        "moved:\n"
        ".cfi_startproc\n"
        "  movq (%rsp), %r10\n"
        "  leaq -32(%rdi), %rax\n"
        "  movq %rbp, 16(%rax)\n"
        "  movq %r10, 24(%rax)\n"
        "  movq %rax, %rbp\n"
        ".cfi_def_cfa %rbp, 32\n"
        ".cfi_offset %rbp, -16\n"
        "  leaq called(%rip), %rsi\n"
        "  subq $8, %rsp\n"
        "  call *%rsi\n"
#ifdef WRONG
        "  addq $8, %rsp\n"
#else
        "  leaq 24(%rbp), %rsp\n"
#endif
        "  movq 16(%rbp), %rbp\n"
        ".cfi_def_cfa %rsp, 8\n"
        ".cfi_restore %rbp\n"
        "  ret\n"
        ".cfi_endproc\n"
        ".size moved, . - moved\n"
        ".globl calling\n"
        ".type calling, @function\n"
        "calling:\n"
        ".cfi_startproc\n"
        "  pushq %rbp\n"
        ".cfi_def_cfa_offset 16\n"
        ".cfi_offset %rbp, -16\n"
        "  movq %rsp, %rbp\n"
        ".cfi_def_cfa_register %rbp\n"
        "  subq $128, %rsp\n"
        "  leaq 112(%rsp), %rdi\n"
        "  call moved\n"
        "  movq %rbp, %rsp\n"
        "  popq %rbp\n"
        ".cfi_def_cfa %rsp, 8\n"
        "  ret\n"
        ".cfi_endproc\n"
        ".size calling, . - calling\n");

int main(void) {
  for (int round = 0; round < 5; round++)
    calling();
  printf("total %d\n", total);
  return 0;
}
