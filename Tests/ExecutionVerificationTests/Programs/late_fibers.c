// Fibers that are resumed by calls which nobody follows any more, and in which functions are met for the first time: what is known
// of the stack that resumed them is of a call before.
#include <stdio.h>
#include <stdlib.h>

#include "CFiberAsm.h"

#define NOINLINE __attribute__((noinline))
#define SIZE 65536

static long total;
static struct ft_record one, two;

// Each is new when the round comes, and suspends at another depth.
NOINLINE static void first(struct ft_record *record) { total += (long)ft_suspend(record, (void *)1) + 1; }
NOINLINE static void second(struct ft_record *record) {
  first(record);
  total += (long)ft_suspend(record, (void *)2) + 2;
}
NOINLINE static void third(struct ft_record *record) {
  second(record);
  total += (long)ft_suspend(record, (void *)3) + 3;
}

static void *body(struct ft_record *record, void *value, void *argument) {
  total += (long)value + (long)argument;
  for (int round = 0; round < 12; round++) {
    if (round < 2)
      total += (long)ft_suspend(record, (void *)4);
    else if (round < 4)
      first(record);
    else if (round < 8)
      second(record);
    else
      third(record);
  }
  return (void *)99;
}

NOINLINE static void *resumed(struct ft_record *record, long value) {
  volatile char room[32];
  room[value] = 1;
  return (char *)ft_resume(record, (void *)value) + room[value] - 1;
}

NOINLINE static void *from_further_in(struct ft_record *record, long depth) {
  volatile char room[48];
  room[depth] = 1;
  void *value = depth == 0 ? resumed(record, 3) : from_further_in(record, depth - 1);
  total += room[depth];
  return value;
}

// The second fiber resumes the first.
static void *between(struct ft_record *record, void *value, void *argument) {
  long finished = (long)value + (long)argument;
  while (resumed(&one, 2) != (void *)99) {
    if (finished++ % 2 == 0)
      second(record);
    if (finished == 9)
      from_further_in(&one, 4);
  }
  return (void *)99;
}

static void start(struct ft_record *record, ft_fiber_entry entry, void *argument) {
  uint64_t low = (uint64_t)(uintptr_t)malloc(SIZE), high = low + SIZE;
  ft_fiber_init(record, low, high, ft_stack_base(low, high, 1), entry, argument);
}

int main(void) {
  start(&one, body, (void *)5);
  start(&two, between, (void *)0);
  for (int round = 0; round < 3; round++)
    resumed(&one, round);
  from_further_in(&one, 5);
  long rounds = 0;
  while (resumed(&two, 1) != (void *)99)
    rounds++;
  printf("total %ld, rounds %ld\n", total, rounds);
  return 0;
}
