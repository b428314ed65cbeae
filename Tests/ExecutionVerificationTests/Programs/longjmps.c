// Jumps out of many frames at once, again and again, with and without the signal mask, to the frame itself and to one far out.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))

static jmp_buf far, near;
static sigjmp_buf masked;

NOINLINE static int fall(int depth, int value) {
  volatile char room[48];
  room[depth % 48] = (char)value;
  if (depth == 0)
    _longjmp(far, value);
  return fall(depth - 1, value + 1) + room[depth % 48];
}

// Two buffers: the inner jump lands between the frames that the outer one leaves.
NOINLINE static int between(int value) {
  volatile int seen = 0;
  int came = _setjmp(near);
  if (came != 0)
    seen = came;
  if (came < 3)
    _longjmp(near, came + 1);
  return fall(10, value + seen);
}

NOINLINE static void with_mask(int depth) {
  if (depth == 0)
    siglongjmp(masked, 5);
  with_mask(depth - 1);
  __asm__ volatile("" ::: "memory");
}

// The compiler's own pair of setjmp and longjmp: a few instructions, no call.
static void *own[5];
NOINLINE static void own_jump(void) { __builtin_longjmp(own, 1); }
NOINLINE static int own_landing(void) {
  if (__builtin_setjmp(own) == 0)
    own_jump();
  return 7;
}

int main(void) {
  volatile long total = 0;
  for (volatile int round = 0; round < 20; round++) {
    int came = _setjmp(far);
    total += came;
    if (came == 0)
      total += between(round + 1);
    if (sigsetjmp(masked, 1) == 0)
      with_mask(4);
    else
      total += 1000;
    total += own_landing();
  }
  printf("total %ld\n", total);
  return 0;
}
