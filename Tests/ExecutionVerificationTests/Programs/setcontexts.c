// setcontext to the frame that calls it, and to one further up.
#include <stdio.h>
#include <ucontext.h>
#define NOINLINE __attribute__((noinline))
static int total;
NOINLINE static void note(int value) { total += value; }
NOINLINE static int same(int rounds) {
  ucontext_t here;
  volatile int again = 0;
  getcontext(&here);
  note(again);
  if (again++ < rounds)
    setcontext(&here);
  return again;
}
static ucontext_t outer;
NOINLINE static void leave(int depth) {
  volatile char room[40];
  room[0] = 1;
  if (depth == 0)
    setcontext(&outer);
  leave(depth - 1);
  note(room[0]);
}
NOINLINE static int up(int rounds) {
  volatile int again = 0;
  getcontext(&outer);
  note(again);
  if (again++ < rounds)
    leave(again);
  return again;
}
int main(void) {
  int sum = same(3) + up(3);
  printf("sum %d, total %d\n", sum, total);
  return 0;
}
