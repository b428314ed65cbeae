// Faults whose handler runs on an alternate stack, and leaves it by a jump, by another context, or by returning to another
// instruction; and a stack that has overflowed.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

static sigjmp_buf back;
static int how, handled;
static char *bad;

NOINLINE static void deeper(int depth) {
  volatile char room[32];
  room[depth] = 1;
  if (depth > 0)
    deeper(depth - 1);
  handled += room[depth];
}

static void handler(int signal, siginfo_t *information, void *argument) {
  (void)signal, (void)information;
  ucontext_t *context = argument;
  deeper(3);
  if (how == 0)
    siglongjmp(back, 1);
  if (how == 1) // `movb $1, (%rdi)` is three bytes long
    context->uc_mcontext.gregs[REG_RIP] += 3;
  if (how == 2) // another address for the same instruction
    context->uc_mcontext.gregs[REG_RDI] = (greg_t)(uintptr_t)(bad - 4096);
}

NOINLINE static void fault(void) { __asm__ volatile("movb $1, (%0)" ::"D"(bad) : "memory"); }

NOINLINE static int frames(int depth) {
  if (depth == 0) {
    fault();
    return 1;
  }
  return frames(depth - 1) + 1;
}

NOINLINE static long overflow(long depth) {
  volatile char room[16384];
  room[0] = (char)depth;
  return overflow(depth + 1) + room[0];
}

int main(void) {
  static char alternate[65536] __attribute__((aligned(16)));
  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  sigaltstack(&stack, NULL);
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaction(SIGSEGV, &action, NULL);
  char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(pages + 4096, 4096, PROT_NONE);
  bad = pages + 4096;
  volatile int total = 0;
  for (volatile int round = 0; round < 9; round++) {
    how = round % 3;
    if (sigsetjmp(back, 1) == 0)
      total += frames(6);
    else
      total += 100;
  }
  // The handler takes us out of a stack that is full.
  how = 0;
  if (sigsetjmp(back, 1) == 0)
    total += (int)overflow(0);
  else
    total += 1000;
  printf("total %d, handled %d\n", total, handled);
  return 0;
}
