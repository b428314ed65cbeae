#include "contenders.h"

#include <stdlib.h>

// Five values that change between any two switches and that the compiler must hold in registers there. None is in
// memory but where the compiler saves it across the switch.
#define LIVE_VALUES unsigned long a = 1; unsigned long b = 2; unsigned long c = 3; unsigned long d = 4; unsigned long e = 5
#define USE_LIVE_VALUES __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e))
#define NO_VALUES
#define USE_NO_VALUES __asm__ volatile("")

/// The same loop for each contender: SWITCH is one round trip to `node`'s fiber.
#define RUN(name, VALUES, USE, SWITCH)                                                                                 \
  __attribute__((noinline)) static struct node *name(struct node *node, long count) {                                  \
    VALUES;                                                                                                            \
    do {                                                                                                               \
      USE;                                                                                                             \
      SWITCH;                                                                                                          \
      USE;                                                                                                             \
      node = node->next;                                                                                               \
    } while (--count != 0);                                                                                            \
    return node;                                                                                                       \
  }

/// The loop without a ring, over one fiber whose CONTEXT stays in a register or, under preserve_none, in a stack slot.
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

/// The same for each fiber: BACK goes to the resumer and returns when resumed again.
#define SERVE(VALUES, USE, BACK)                                                                                       \
  VALUES;                                                                                                              \
  for (;;) {                                                                                                           \
    USE;                                                                                                               \
    BACK;                                                                                                              \
    USE;                                                                                                               \
  }

// ---- This package, by preserve_none and by the plain C entry points ----

#define PACKAGE_BODY(name, suspend, VALUES, USE)                                                                       \
  static void *name(struct ft_record *record, void *value, void *argument) {                                           \
    (void)argument;                                                                                                    \
    SERVE(VALUES, USE, value = suspend(record, value))                                                                 \
  }

PACKAGE_BODY(serve_package, ft_suspend, NO_VALUES, USE_NO_VALUES)
PACKAGE_BODY(serve_package_live, ft_suspend, LIVE_VALUES, USE_LIVE_VALUES)
PACKAGE_BODY(serve_package_c, ft_fiber_suspend_c, NO_VALUES, USE_NO_VALUES)
PACKAGE_BODY(serve_package_c_live, ft_fiber_suspend_c, LIVE_VALUES, USE_LIVE_VALUES)
RUN(run_package, NO_VALUES, USE_NO_VALUES, ft_resume((struct ft_record *)node->context, NULL))
RUN(run_package_live, LIVE_VALUES, USE_LIVE_VALUES, ft_resume((struct ft_record *)node->context, NULL))
RUN(run_package_c, NO_VALUES, USE_NO_VALUES, ft_fiber_resume_c((struct ft_record *)node->context, NULL))
RUN(run_package_c_live, LIVE_VALUES, USE_LIVE_VALUES, ft_fiber_resume_c((struct ft_record *)node->context, NULL))
RUN_ONE(run_one_package, NO_VALUES, USE_NO_VALUES, ft_resume((struct ft_record *)context, NULL))
RUN_ONE(run_one_package_live, LIVE_VALUES, USE_LIVE_VALUES, ft_resume((struct ft_record *)context, NULL))
RUN_ONE(run_one_package_c, NO_VALUES, USE_NO_VALUES, ft_fiber_resume_c((struct ft_record *)context, NULL))
RUN_ONE(run_one_package_c_live, LIVE_VALUES, USE_LIVE_VALUES, ft_fiber_resume_c((struct ft_record *)context, NULL))

static void *make_record(uint64_t low, uint64_t high, uint64_t id, ft_fiber_entry entry) {
  struct ft_record *record = ft_registry_acquire(&ft_fiber_registry);
  if (record == NULL)
    abort();
  ft_fiber_init(record, low, high, ft_stack_base(low, high, id), entry, NULL);
  ft_record_publish(record, id);
  return record;
}

static void *make_package(uint64_t low, uint64_t high, uint64_t id, bool live) {
  return make_record(low, high, id, live ? serve_package_live : serve_package);
}

static void *make_package_c(uint64_t low, uint64_t high, uint64_t id, bool live) {
  return make_record(low, high, id, live ? serve_package_c_live : serve_package_c);
}

// ---- Boost.Context's fcontext. Its functions have C linkage and no header of their own. ----

struct transfer {
  void *context;
  void *data;
};
void *make_fcontext(void *top, size_t size, void (*entry)(struct transfer));
struct transfer jump_fcontext(void *context, void *data);

#define FCONTEXT_BODY(name, VALUES, USE)                                                                               \
  static void name(struct transfer transfer) {                                                                         \
    SERVE(VALUES, USE, transfer = jump_fcontext(transfer.context, transfer.data))                                      \
  }

FCONTEXT_BODY(serve_fcontext, NO_VALUES, USE_NO_VALUES)
FCONTEXT_BODY(serve_fcontext_live, LIVE_VALUES, USE_LIVE_VALUES)
RUN(run_fcontext, NO_VALUES, USE_NO_VALUES, node->context = jump_fcontext(node->context, NULL).context)
RUN(run_fcontext_live, LIVE_VALUES, USE_LIVE_VALUES, node->context = jump_fcontext(node->context, NULL).context)
RUN_ONE(run_one_fcontext, NO_VALUES, USE_NO_VALUES, context = jump_fcontext(context, NULL).context)
RUN_ONE(run_one_fcontext_live, LIVE_VALUES, USE_LIVE_VALUES, context = jump_fcontext(context, NULL).context)

static void *make_boost(uint64_t low, uint64_t high, uint64_t id, bool live) {
  uint64_t top = ft_stack_base(low, high, id);
  return make_fcontext((void *)top, top - low, live ? serve_fcontext_live : serve_fcontext);
}

/// As Boost's own allocators place the top: at the end of a page.
static void *make_boost_aligned(uint64_t low, uint64_t high, uint64_t id, bool live) {
  (void)id;
  return make_fcontext((void *)high, high - low, live ? serve_fcontext_live : serve_fcontext);
}

// ---- ucontext ----

struct pair {
  ucontext_t resumer, fiber;
};

static struct pair *made; // makecontext passes ints alone

#define UCONTEXT_BODY(name, VALUES, USE)                                                                               \
  static void name(void) {                                                                                             \
    struct pair *pair = made;                                                                                          \
    SERVE(VALUES, USE, swapcontext(&pair->fiber, &pair->resumer))                                                      \
  }

UCONTEXT_BODY(serve_ucontext, NO_VALUES, USE_NO_VALUES)
UCONTEXT_BODY(serve_ucontext_live, LIVE_VALUES, USE_LIVE_VALUES)
#define SWAP swapcontext(&((struct pair *)node->context)->resumer, &((struct pair *)node->context)->fiber)
RUN(run_ucontext, NO_VALUES, USE_NO_VALUES, SWAP)
RUN(run_ucontext_live, LIVE_VALUES, USE_LIVE_VALUES, SWAP)
#define SWAP_ONE swapcontext(&((struct pair *)context)->resumer, &((struct pair *)context)->fiber)
RUN_ONE(run_one_ucontext, NO_VALUES, USE_NO_VALUES, SWAP_ONE)
RUN_ONE(run_one_ucontext_live, LIVE_VALUES, USE_LIVE_VALUES, SWAP_ONE)

static void *make_ucontext(uint64_t low, uint64_t high, uint64_t id, bool live) {
  struct pair *pair = calloc(1, sizeof *pair);
  if (pair == NULL || getcontext(&pair->fiber) != 0)
    abort();
  pair->fiber.uc_stack.ss_sp = (void *)low;
  pair->fiber.uc_stack.ss_size = ft_stack_base(low, high, id) - low;
  makecontext(&pair->fiber, live ? serve_ucontext_live : serve_ucontext, 0);
  made = pair;
  swapcontext(&pair->resumer, &pair->fiber); // it reads `made`
  return pair;
}

// Runs by `live`: with no live values, with five.
#define RUNS(kind) .run = {run_##kind, run_##kind##_live}, .run_one = {run_one_##kind, run_one_##kind##_live}

const struct contender contenders[CONTENDER_COUNT] = {
    [PACKAGE] = {.name = "this package", .make = make_package, RUNS(package), .slice = 20000},
    [PACKAGE_C] = {.name = "  plain C entry points", .make = make_package_c, RUNS(package_c), .slice = 20000},
    [FCONTEXT] = {.name = "Boost fcontext", .make = make_boost, RUNS(fcontext), .slice = 20000},
    [FCONTEXT_ALIGNED] =
        {.name = "  with tops at page boundaries", .make = make_boost_aligned, RUNS(fcontext), .slice = 20000},
    [UCONTEXT] = {.name = "swapcontext", .make = make_ucontext, RUNS(ucontext), .slice = 1000},
};
