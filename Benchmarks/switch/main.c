// Round trips of fiber switches. Every case (so many live values, so many fibers) runs in a process of its own, in
// which the contenders are interleaved: in each of many rounds each runs a short slice, so that what the machine does
// meanwhile falls on all alike. The medians of the slices are the result.
//
// A process a case, since a switch ends in an indirect jump, and one that goes to many places is predicted more
// slowly: a round trip took 4.4 ns instead of 3.5 where the same switch served three loops. In one process the cases
// would measure each other. The plain C entry points, which share the switch with the other wrappers, have processes
// of their own for the same reason.

#include "contenders.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum { ROUNDS = 201, STACK_SIZE = 0x10000, COUNT_COUNT = 3 };
static const long counts[COUNT_COUNT] = {1, 100, 10000};

static const char *const live_names[2] = {"no live values", "five live values"};

/// The processes of the plain C entry points measure those and fcontext; the others all else.
static bool takes_part(int which, bool plain) { return which == FCONTEXT || (which == PACKAGE_C) == plain; }

static void *checked(void *memory) {
  if (memory == NULL || memory == MAP_FAILED) {
    perror("memory for the fibers");
    exit(1);
  }
  return memory;
}

static struct node *make_ring(const struct contender *contender, bool live, long count) {
  char *stacks = checked(mmap(NULL, (size_t)count * STACK_SIZE, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  madvise(stacks, (size_t)count * STACK_SIZE, MADV_NOHUGEPAGE); // one page a fiber, not 2 MiB
  struct node *nodes = checked(calloc((size_t)count, sizeof(struct node)));
  for (long i = 0; i < count; i++) {
    uint64_t low = (uint64_t)stacks + (uint64_t)i * STACK_SIZE;
    nodes[i].context = contender->make(low, low + STACK_SIZE, (uint64_t)i, live);
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
static double measure(const struct contender *contender, struct node **ring, bool live, long count) {
  struct node *(*run)(struct node *, long) = count == 1 ? contender->run_one[live] : contender->run[live];
  struct node *node = run(*ring, count);
  long trips = contender->slice > count ? contender->slice : count;
  double start = now();
  *ring = run(node, trips);
  return (now() - start) / (double)trips;
}

static int by_value(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

/// Prints the medians of one case, in the order of the contenders.
static void run_case(bool plain, bool live, long count) {
  static double samples[CONTENDER_COUNT][ROUNDS];
  struct node *rings[CONTENDER_COUNT];
  for (int which = 0; which < CONTENDER_COUNT; which++)
    if (takes_part(which, plain))
      rings[which] = make_ring(&contenders[which], live, count);
  for (int round = 0; round < ROUNDS; round++)
    for (int which = 0; which < CONTENDER_COUNT; which++)
      if (takes_part(which, plain))
        samples[which][round] = measure(&contenders[which], &rings[which], live, count);
  for (int which = 0; which < CONTENDER_COUNT; which++) {
    qsort(samples[which], ROUNDS, sizeof(double), by_value);
    printf("%f\n", samples[which][ROUNDS / 2]);
  }
}

/// Runs one case as another process of this program, and reads its medians.
static void run_case_apart(const char *program, bool plain, int live, long count, double *medians) {
  char command[4096];
  snprintf(command, sizeof command, "'%s' %d %d %ld", program, plain, live, count);
  FILE *output = checked(popen(command, "r"));
  int read = 0;
  while (read < CONTENDER_COUNT && fscanf(output, "%lf", &medians[read]) == 1)
    read++;
  if (pclose(output) != 0 || read < CONTENDER_COUNT) {
    fprintf(stderr, "%s failed\n", command);
    exit(1);
  }
}

int main(int argc, char **argv) {
  if (argc == 4) {
    run_case(atoi(argv[1]) != 0, atoi(argv[2]) != 0, atol(argv[3]));
    return 0;
  }
  // What each is compared with is the fcontext of its own process.
  double times[CONTENDER_COUNT][COUNT_COUNT], ratios[CONTENDER_COUNT][COUNT_COUNT];

  printf("Medians: ns a round trip (of fcontext's in the same process)\n");
  for (int live = 0; live < 2; live++) {
    for (int count = 0; count < COUNT_COUNT; count++) {
      for (int plain = 1; plain >= 0; plain--) {
        double medians[CONTENDER_COUNT];
        run_case_apart(argv[0], plain != 0, live, counts[count], medians);
        for (int which = 0; which < CONTENDER_COUNT; which++) {
          if (takes_part(which, plain != 0)) {
            times[which][count] = medians[which];
            ratios[which][count] = medians[which] / medians[FCONTEXT];
          }
        }
      }
    }
    printf("\n%-34s%18s%18s%18s\n", live_names[live], "1 fiber", "100 fibers", "10,000 fibers");
    for (int which = 0; which < CONTENDER_COUNT; which++) {
      printf("%-34s", contenders[which].name);
      for (int count = 0; count < COUNT_COUNT; count++)
        printf("%9.2f (%6.2f)", times[which][count], ratios[which][count]);
      printf("\n");
    }
    printf("100 fibers take %.2f times as long as one\n", times[PACKAGE][1] / times[PACKAGE][0]);
  }
  return 0;
}
