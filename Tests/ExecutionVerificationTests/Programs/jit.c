// Code made at run time, without call frame information: it calls, is called, keeps registers, and calls back into the program,
// which throws nothing through it but jumps out of it.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static jmp_buf out;
static int calls;

__attribute__((noinline)) static long callback(long value) {
  calls++;
  if (value == 7)
    longjmp(out, 1);
  return value * 2;
}

int main(void) {
  // push %rbp; mov %rsp, %rbp; push %rbx; push %r12; mov %rdi, %rbx; call *%rsi; add %rbx, %rax; pop %r12; pop %rbx; pop %rbp; ret
  static const unsigned char code[] = {0x55, 0x48, 0x89, 0xe5, 0x53, 0x41, 0x54, 0x48, 0x89, 0xfb, 0xff,
                                       0xd6, 0x48, 0x01, 0xd8, 0x41, 0x5c, 0x5b, 0x5d, 0xc3};
  unsigned char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(page, code, sizeof code);
  mprotect(page, 4096, PROT_READ | PROT_EXEC);
  long (*made)(long, long (*)(long)) = (long (*)(long, long (*)(long)))(void *)page;
  volatile long total = 0;
  for (volatile long value = 0; value < 10; value++) {
    if (_setjmp(out) == 0)
      total += made(value, callback);
    else
      total += 1000;
  }
  // Made anew at the same place: another function.
  mprotect(page, 4096, PROT_READ | PROT_WRITE);
  memcpy(page, (const unsigned char[]){0x48, 0x8d, 0x47, 0x05, 0xc3}, 5); // lea 5(%rdi), %rax; ret
  mprotect(page, 4096, PROT_READ | PROT_EXEC);
  total += made(3, callback);
  printf("total %ld, calls %d\n", total, calls);
  return 0;
}
