// Round trips of fiber switches in one process, interleaved: in each of many rounds every contender runs a short slice of every
// case, so that what the machine does meanwhile falls on all alike. The medians are the result. The
// fastest 2 % of the slices stand beside them, to show how far other load on the machine may have moved the medians.

#include "contenders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { ROUNDS = 201, STACK_SIZE = 0x10000, COUNT_COUNT = 3 };
static const long counts[COUNT_COUNT] = {1, 100, 10000};

static const char *const live_names[2] = {"no live values", "five live values"};

/// A ring of fibers for each [contender][live][count], and what its slices took.
static struct node *rings[CONTENDER_COUNT][2][COUNT_COUNT];
static double samples[CONTENDER_COUNT][2][COUNT_COUNT][ROUNDS];

static void *checked(void *memory) {
  if (memory == NULL || memory == MAP_FAILED) {
    perror("memory for the fibers");
    exit(1);
  }
  return memory;
}

static struct node *make_ring(int which, bool live, long count) {
  char *stacks = checked(mmap(NULL, (size_t)count * STACK_SIZE, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  madvise(stacks, (size_t)count * STACK_SIZE, MADV_NOHUGEPAGE); // one page a fiber, not 2 MiB
  struct node *nodes = checked(calloc((size_t)count, sizeof(struct node)));
  for (long i = 0; i < count; i++) {
    uint64_t low = (uint64_t)stacks + (uint64_t)i * STACK_SIZE;
    nodes[i].context = contenders[which].make(low, low + STACK_SIZE, (uint64_t)i, live);
    nodes[i].next = &nodes[(i + 1) % count];
  }
  return nodes;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/// Nanoseconds a round trip in one slice, after a lap that brings the ring back into the caches.
static double measure(int which, int live, int count) {
  const struct contender *contender = &contenders[which];
  struct node *(*run)(struct node *, long) = live ? contender->run_live : contender->run;
  struct node *node = run(rings[which][live][count], counts[count]);
  long trips = contender->slice > counts[count] ? contender->slice : counts[count];
  double start = now();
  node = run(node, trips);
  double end = now();
  rings[which][live][count] = node;
  return (end - start) / (double)trips;
}

static int by_value(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

/// Prints the samples at `rank` of the sorted slices, in nanoseconds and as a ratio to fcontext's.
static void print_table(const char *title, int rank) {
  printf("%s: ns a round trip (of fcontext's)\n", title);
  for (int live = 0; live < 2; live++) {
    printf("\n%-34s%18s%18s%18s\n", live_names[live], "1 fiber", "100 fibers", "10,000 fibers");
    for (int which = 0; which < CONTENDER_COUNT; which++) {
      printf("%-34s", contenders[which].name);
      for (int count = 0; count < COUNT_COUNT; count++) {
        double time = samples[which][live][count][rank];
        printf("%9.2f (%6.2f)", time, time / samples[FCONTEXT][live][count][rank]);
      }
      printf("\n");
    }
    printf("100 fibers take %.2f times as long as one\n",
           samples[PACKAGE][live][1][rank] / samples[PACKAGE][live][0][rank]);
  }
  printf("\n");
}

int main(void) {
  for (int which = 0; which < CONTENDER_COUNT; which++)
    for (int live = 0; live < 2; live++)
      for (int count = 0; count < COUNT_COUNT; count++)
        rings[which][live][count] = make_ring(which, live != 0, counts[count]);

  for (int round = 0; round < ROUNDS; round++)
    for (int live = 0; live < 2; live++)
      for (int count = 0; count < COUNT_COUNT; count++)
        for (int which = 0; which < CONTENDER_COUNT; which++)
          samples[which][live][count][round] = measure(which, live, count);

  for (int which = 0; which < CONTENDER_COUNT; which++)
    for (int live = 0; live < 2; live++)
      for (int count = 0; count < COUNT_COUNT; count++)
        qsort(samples[which][live][count], ROUNDS, sizeof(double), by_value);

  print_table("Medians", ROUNDS / 2);
  print_table("Fastest 2 %, each contender by itself", ROUNDS / 50);
  return 0;
}
