// A function whose CFA is computed with DW_OP_deref_size, which libdw 0.188 cannot evaluate. Prints "ready" inside it.

#include <stdio.h>
#include <unistd.h>

__attribute__((used)) void stand(void) {
  puts("ready");
  fflush(stdout);
  for (;;)
    pause();
}

void sized(void);

__asm__("        .text\n"
        "        .type   sized, @function\n"
        "sized:\n"
        "        .cfi_startproc\n"
        "        pushq   %rbp\n"
        "        .cfi_def_cfa_offset 16\n"
        "        .cfi_offset %rbp, -16\n"
        "        movq    %rsp, %rbp\n"
        "        .cfi_def_cfa_register %rbp\n"
        "        leaq    16(%rbp), %rax\n"
        "        pushq   %rax\n"
        "        pushq   %rax\n"
        // def_cfa_expression, 4 bytes: breg6 -8; deref_size 8
        "        .cfi_escape 0x0f, 4, 0x76, 0x78, 0x94, 8\n"
        "        callq   stand\n"
        "        ud2\n"
        "        .cfi_endproc\n"
        "        .size   sized, . - sized\n");

int main(void) {
  sized();
  return 0;
}
