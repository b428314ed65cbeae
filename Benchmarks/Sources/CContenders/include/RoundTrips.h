/// The loops around a switch, the same for each contender.
#ifndef ROUND_TRIPS_H
#define ROUND_TRIPS_H

#include "CContenders.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

/// A fiber in a ring, which a loop goes round where there are many: one load leads to the next, for every contender.
struct node {
  struct node *next;
  /// The fiber's record, Boost's context, or a pointer to a pair of ucontexts.
  void *context;
};

/// The state of a workload: where in the ring the next round trip goes, and the loop.
struct ring {
  struct node *node;
  struct node *(*loop)(struct node *node, long count);
};

/// Makes a fiber on the stack [low, high), to serve round trips; the id gives the colour of its top.
typedef void *(*fiber_maker)(uint64_t low, uint64_t high, uint64_t id);

/// A ring of `fibers`, each with a stack of 64 KiB, run by `loop`.
static inline struct workload ring_workload(long fibers, fiber_maker make, struct node *(*loop)(struct node *, long),
                                            long (*run)(void *state, long count)) {
  enum { RING_STACK_SIZE = 0x10000 };
  size_t size = (size_t)fibers * RING_STACK_SIZE;
  char *stacks =
      (char *)checked(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  madvise(stacks, size, MADV_NOHUGEPAGE); // one page a fiber, not 2 MiB
  struct node *nodes = (struct node *)checked(calloc((size_t)fibers, sizeof(struct node)));
  for (long i = 0; i < fibers; i++) {
    uint64_t low = (uint64_t)stacks + (uint64_t)i * RING_STACK_SIZE;
    nodes[i].context = make(low, low + RING_STACK_SIZE, (uint64_t)i);
    nodes[i].next = &nodes[(i + 1) % fibers];
  }
  struct ring *ring = (struct ring *)checked(malloc(sizeof *ring));
  ring->node = nodes;
  ring->loop = loop;
  struct workload workload = {ring, run};
  return workload;
}

/// Runs the loop of a ring.
static inline long ring_run(void *state, long count) {
  struct ring *ring = (struct ring *)state;
  ring->node = ring->loop(ring->node, count);
  return count;
}

// Five values that change between any two switches and that the compiler must hold in registers there. None is in
// memory but where the compiler saves it across the switch.
#define LIVE_VALUES unsigned long a = 1; unsigned long b = 2; unsigned long c = 3; unsigned long d = 4; unsigned long e = 5
#define USE_LIVE_VALUES __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e))
#define NO_VALUES
#define USE_NO_VALUES __asm__ volatile("")

/// SWITCH is one round trip to `node`'s fiber, whose context is in the variable `context`.
#define RUN_RING(name, VALUES, USE, SWITCH)                                                                            \
  __attribute__((noinline)) static struct node *name(struct node *node, long count) {                                  \
    VALUES;                                                                                                            \
    do {                                                                                                               \
      void *context = node->context;                                                                                   \
      USE;                                                                                                             \
      SWITCH;                                                                                                          \
      USE;                                                                                                             \
      node->context = context;                                                                                         \
      node = node->next;                                                                                               \
    } while (--count != 0);                                                                                            \
    return node;                                                                                                       \
  }

/// The loop over one fiber, whose CONTEXT stays in a register or, under preserve_none, in a stack slot.
#define RUN_ONE(name, VALUES, USE, SWITCH)                                                                             \
  __attribute__((noinline)) static struct node *name(struct node *node, long count) {                                  \
    VALUES;                                                                                                            \
    void *context = node->context;                                                                                     \
    do {                                                                                                               \
      USE;                                                                                                             \
      SWITCH;                                                                                                          \
      USE;                                                                                                             \
    } while (--count != 0);                                                                                            \
    node->context = context;                                                                                           \
    return node;                                                                                                       \
  }

/// What each fiber runs: BACK goes to the resumer and returns when resumed again.
#define SERVE(VALUES, USE, BACK)                                                                                       \
  VALUES;                                                                                                              \
  for (;;) {                                                                                                           \
    USE;                                                                                                               \
    BACK;                                                                                                              \
    USE;                                                                                                               \
  }

/// All loops of a contender, and the function `name`_workload that chooses one. SWITCH goes to the fiber at the variable
/// `context`.
#define ROUND_TRIPS(name, SWITCH)                                                                              \
  __attribute__((noinline)) static void *name##_function(void *context) {                                              \
    SWITCH;                                                                                                            \
    USE_NO_VALUES; /* no tail call */                                                                                  \
    return context;                                                                                                    \
  }                                                                                                                    \
  RUN_ONE(name##_one, NO_VALUES, USE_NO_VALUES, SWITCH)                                                                \
  RUN_ONE(name##_one_live, LIVE_VALUES, USE_LIVE_VALUES, SWITCH)                                                       \
  RUN_ONE(name##_one_function, NO_VALUES, USE_NO_VALUES, context = name##_function(context))                           \
  RUN_RING(name##_ring, NO_VALUES, USE_NO_VALUES, SWITCH)                                                              \
  RUN_RING(name##_ring_live, LIVE_VALUES, USE_LIVE_VALUES, SWITCH)                                                     \
  RUN_RING(name##_ring_function, NO_VALUES, USE_NO_VALUES, context = name##_function(context))                         \
  static struct workload name##_workload(long fibers, const fiber_maker makers[], enum surroundings around) {          \
    struct node *(*const loops[2][SURROUNDINGS_COUNT])(struct node *, long) = {                                        \
        {name##_one, name##_one_live, name##_one_function},                                                            \
        {name##_ring, name##_ring_live, name##_ring_function},                                                         \
    };                                                                                                                 \
    return ring_workload(fibers, makers[around], loops[fibers != 1][around], ring_run);                                \
  }

#endif
