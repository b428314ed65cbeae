// Fibers of our own runtime, as C sees them: first resume, suspend from several depths, finish, nested fibers, stacks above and
// below, one that moves to another thread; and as many round trips as the argument says.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "CFiberAsm.h"

#define NOINLINE __attribute__((noinline))
#define SIZE 65536

static long total;

struct fiber {
  struct ft_record record;
};

NOINLINE static void deeper(struct ft_record *record, int depth) {
  volatile char room[40];
  room[depth] = 1;
  if (depth == 0)
    total += (long)ft_suspend(record, (void *)1);
  else
    deeper(record, depth - 1);
  total += room[depth];
}

NOINLINE static void plain(struct ft_record *record) { total += (long)ft_fiber_suspend_c(record, NULL); }

static void start(struct fiber *fiber, char *stack, ft_fiber_entry entry, void *argument) {
  uint64_t low = (uint64_t)(uintptr_t)stack, high = low + SIZE;
  ft_fiber_init(&fiber->record, low, high, ft_stack_base(low, high, 1), entry, argument);
}

static void *body(struct ft_record *record, void *value, void *argument) {
  long rounds = (long)argument;
  total += (long)value;
  for (long round = 0; round < rounds; round++) {
    if (round % 7 == 6)
      plain(record);
    else
      deeper(record, (int)(round % 5));
  }
  return (void *)99;
}

// The innermost loop: nothing but the switch.
static void *spinning(struct ft_record *record, void *value, void *argument) {
  while (value != NULL)
    value = ft_suspend(record, value);
  return argument;
}

static void *nested(struct ft_record *record, void *value, void *argument) {
  struct fiber inner;
  start(&inner, argument, body, (void *)20);
  for (int round = 0; round < 6; round++) {
    ft_resume(&inner.record, value);
    if (round % 2 == 1)
      deeper(record, 2);
  }
  return NULL;
}

static void *elsewhere(void *argument) {
  struct fiber *fiber = argument;
  for (int round = 0; round < 3; round++)
    ft_resume(&fiber->record, (void *)2);
  return NULL;
}

int main(int count, char **arguments) {
  long rounds = count > 1 ? atol(arguments[1]) : 10;
  static char fixed[SIZE] __attribute__((aligned(16)));
  char *above = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *below = malloc(SIZE);
  struct fiber one, two, three, spinner;
  start(&one, above, body, (void *)9);
  start(&two, fixed, body, (void *)3);
  start(&three, below, nested, above + SIZE);
  long finished = 0;
  for (int round = 0; round < 4; round++) {
    ft_resume(&one.record, (void *)3);
    finished += ft_fiber_resume_c(&two.record, (void *)4) == (void *)99;
  }
  for (int round = 0; round < 4; round++)
    ft_resume(&three.record, (void *)1);
  pthread_t thread;
  pthread_create(&thread, NULL, elsewhere, &one);
  pthread_join(thread, NULL);
  while (ft_resume(&one.record, NULL) != (void *)99)
    continue;
  char *loose = malloc(SIZE);
  start(&spinner, loose, spinning, NULL);
  for (long round = 0; round < rounds; round++)
    total += (long)ft_resume(&spinner.record, (void *)1);
  ft_resume(&spinner.record, NULL);
  printf("total %ld, finished %ld\n", total, finished);
  return 0;
}
