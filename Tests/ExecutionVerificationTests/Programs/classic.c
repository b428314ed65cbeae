// A fiber of classic_switch.S: first resume, suspends from two depths, and an end that is a suspend for ever.
#include <stdio.h>
#include <stdlib.h>

void classic_init(char *top, void (*entry)(char *), char *argument);
void classic_resume(char *top);
void classic_suspend(char *top);

static int total;

__attribute__((noinline)) static void deeper(char *top, int depth) {
  volatile char room[16];
  room[0] = 1;
  if (depth == 0)
    classic_suspend(top);
  else
    deeper(top, depth - 1);
  total += room[0];
}

static void body(char *top) {
  for (int round = 0;; round++)
    deeper(top, round % 3);
}

int main(void) {
  char *stack = aligned_alloc(16, 65536);
  classic_init(stack + 65536, body, stack + 65536);
  for (int round = 0; round < 6; round++)
    classic_resume(stack + 65536);
  printf("total %d\n", total);
  return 0;
}
