// Fibers three deep on stacks of every order, walked from inside at calls (`walk`) or at each instruction of the switch
// (`step`). Prints what was checked and where a walk differs from the truth; exits with 1 if any did.
//
//   inside_switch walk
//   inside_switch step RESUME_SWITCH SUSPEND_SWITCH SUSPEND_CALLED_SWITCH TEXT_LOW TEXT_HIGH
//                                      addresses as in the file, hexadecimal

#define _GNU_SOURCE

#include "inside_stack.h"
#include "inside_step.h"

#include <pthread.h>

enum { LEVELS = 3 };

static struct strand root, fibers[LEVELS + 1]; // fibers[0] is not used

/// Whether to resume and to suspend through the entry points in the C convention.
static bool resume_by_c, suspend_by_c;

static struct strand *strand_of(uint64_t record) {
  for (int level = 1; level <= LEVELS; level++)
    if ((uint64_t)fibers[level].record == record)
      return &fibers[level];
  fprintf(stderr, "a record that is no fiber's was resumed\n");
  exit(2);
}

static inline __attribute__((always_inline)) void *resume(struct strand *fiber, void *value) {
  void *answer;
#if defined(FT_HAS_PRESERVE_NONE)
  if (!resume_by_c) {
    if (!stepping)
      fiber->resumer = running, running = fiber;
    answer = ft_resume(fiber->record, value);
    return answer;
  }
#endif
  enter("ft_fiber_resume_c");
  if (!stepping)
    fiber->resumer = running, running = fiber;
  answer = ft_fiber_resume_c(fiber->record, value);
  leave();
  return answer;
}

static inline __attribute__((always_inline)) void left(void) {
  if (stepping)
    return;
  struct strand *fiber = running;
  running = fiber->resumer;
  fiber->resumer = NULL;
}

static inline __attribute__((always_inline)) void *suspend(struct ft_record *record, void *value) {
  void *answer;
  if (!suspend_by_c) {
    left();
    return ft_suspend(record, value);
  }
  enter("ft_fiber_suspend_c");
  left();
  answer = ft_fiber_suspend_c(record, value);
  leave();
  return answer;
}

static void expect_value(const void *value, uint64_t expected) {
  if ((uint64_t)value == expected)
    return;
  failure_count++;
  printf("FAILURE %s: the switch brought %lu, not %lu\n", scenario, (uint64_t)value, expected);
}

static void *body_1(struct ft_record *record, void *value, void *argument);
static void *body_2(struct ft_record *record, void *value, void *argument);
static void *body_3(struct ft_record *record, void *value, void *argument);
static const ft_fiber_entry bodies[] = {NULL, body_1, body_2, body_3};

LISTED static void start_fiber(int level) {
  struct strand *fiber = &fibers[level];
  enter("start_fiber");
  fiber->depth = 0;
  uint64_t base = ft_stack_base(fiber->low, fiber->high, (uint64_t)level * 7);
  ft_fiber_init(fiber->record, fiber->low, fiber->high, base, bodies[level], &fibers[level]);
  probe_not_running("not started", fiber);
  leave();
}

// For each level: resume the child or suspend from one and from two functions further in. Values: resume n of a level gives
// 10 * level + n, suspend n answers 100 * level + n.
#define LEVEL(level, child)                                                                                            \
  LISTED static void in_##level(struct ft_record *record, int round) {                                                 \
    enter("in_" #level);                                                                                               \
    probe("before resuming or suspending");                                                                            \
    if (record == NULL)                                                                                                \
      expect_value(resume(&fibers[child], (void *)(uint64_t)(10 * (child) + round)), 100 * (child) + round);           \
    else                                                                                                               \
      expect_value(suspend(record, (void *)(uint64_t)(100 * (level) + round)), 10 * (level) + round + 1);              \
    probe("after resuming or suspending");                                                                             \
    for (int other = 1; record == NULL && other <= LEVELS; other++)                                                    \
      if (other > (level))                                                                                             \
        probe_not_running("suspended", &fibers[other]);                                                                \
    leave();                                                                                                           \
  }                                                                                                                    \
  LISTED static void deep_##level(struct ft_record *record, int round) {                                               \
    enter("deep_" #level);                                                                                             \
    in_##level(record, round);                                                                                         \
    leave();                                                                                                           \
  }

#define RESUME_CHILD(level, child)                                                                                     \
  start_fiber(child);                                                                                                  \
  in_##level(NULL, 1);
#define NO_CHILD(level, child)

#define BODY(level, child, first, others)                                                                              \
  LISTED static void *body_##level(struct ft_record *record, void *value, void *argument) {                            \
    enter("body_" #level);                                                                                             \
    probe("at the first run");                                                                                         \
    expect_value(value, 10 * (level) + 1);                                                                             \
    expect_value(argument, (uint64_t)&fibers[level]);                                                                  \
    first(level, child);                                                                                               \
    in_##level(record, 1);                                                                                             \
    if (others)                                                                                                        \
      deep_##level(NULL, 2);                                                                                           \
    deep_##level(record, 2);                                                                                           \
    if (others)                                                                                                        \
      in_##level(NULL, 3);                                                                                             \
    probe("before the end");                                                                                           \
    leave();                                                                                                           \
    left();                                                                                                            \
    return (void *)(uint64_t)(100 * (level) + 3);                                                                      \
  }

LEVEL(0, 1)
LEVEL(1, 2)
LEVEL(2, 3)
LEVEL(3, LEVELS)
BODY(1, 2, RESUME_CHILD, true)
BODY(2, 3, RESUME_CHILD, true)
BODY(3, LEVELS, NO_CHILD, false)

/// All fibers from first resume to finish, from one depth and from another.
LISTED static void run_all(void) {
  enter("run_all");
  ft_shadow_stack_enabled();
  start_fiber(1);
  in_0(NULL, 1);
  deep_0(NULL, 2);
  in_0(NULL, 3);
  leave();
}

/// Stacks each above or below its resumer's: `order` has one of "a" and "b" for each level.
static void map_stacks(const char *order) {
  struct strand *resumer = &root;
  for (int level = 1; level <= LEVELS; level++) {
    struct strand *fiber = &fibers[level];
    fiber->low = map_stack(order[level - 1] == 'a', resumer->low, resumer->high);
    fiber->high = fiber->low + STACK_SIZE;
    regions[level] = (struct region){fiber->low, fiber->high};
    resumer = fiber;
  }
}

static void find_root_stack(void) {
  pthread_attr_t attributes;
  void *low;
  size_t size;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0 || pthread_attr_getstack(&attributes, &low, &size) != 0) {
    fprintf(stderr, "the bounds of this thread's stack are unknown\n");
    exit(2);
  }
  pthread_attr_destroy(&attributes);
  root.low = (uint64_t)low;
  root.high = (uint64_t)low + size;
}

/// Every order of stacks, way of calling and place of the handler, from one root function.
static void run_scenarios(const char *root_name, bool step) {
  static const char *const orders[] = {"aaa", "bbb", "aba", "bab"};
  static char text[128];
  find_root_stack();
  regions[0] = (struct region){root.low, root.high};
  regions[LEVELS + 1] = (struct region){(uint64_t)ft_fiber_end_record, (uint64_t)ft_fiber_end_record + 16};
  region_count = LEVELS + 2;
  running = &root;
  enter(root_name);
  enter("run_scenarios");
  for (size_t order = 0; order < sizeof orders / sizeof orders[0]; order++) {
    map_stacks(orders[order]);
    for (int way = 0; way < (step ? 8 : 4); way++) {
      resume_by_c = way & 1;
      suspend_by_c = way >> 1 & 1;
      bool alternate = way >> 2 & 1;
      snprintf(text, sizeof text, "%s, stacks %s, resume %s, suspend %s, %s", root_name, orders[order],
               resume_by_c ? "by C" : "raw", suspend_by_c ? "by C" : "raw",
               !step ? "walking" : alternate ? "stepping, alternate stack" : "stepping");
      scenario = text;
      if (step) {
        install_trap_handler(alternate);
        stepping = true;
        set_trap_flag(true);
      }
      run_all();
      set_trap_flag(false);
      stepping = false;
    }
    for (int level = 1; level <= LEVELS; level++)
      munmap((void *)fibers[level].low, STACK_SIZE);
  }
  leave();
  leave();
}

static bool step_wanted;

static void *thread_root(void *argument) {
  root_frame = (uint64_t)__builtin_frame_address(0);
  find_root_stack();
  regions[0] = (struct region){root.low, root.high};
  region_count = 1;
  learn_tails("thread_root");
  run_scenarios("thread_root", step_wanted);
  return argument;
}

int main(int count, char **arguments) {
  load_symbols();
  step_wanted = count > 1 && strcmp(arguments[1], "step") == 0;
  if (step_wanted && count == 7) {
    resume_switch = load_bias + strtoul(arguments[2], NULL, 16);
    suspend_switch = load_bias + strtoul(arguments[3], NULL, 16);
    suspend_called_switch = load_bias + strtoul(arguments[4], NULL, 16);
    switch_low = load_bias + strtoul(arguments[5], NULL, 16);
    switch_high = load_bias + strtoul(arguments[6], NULL, 16);
    stepped = calloc(switch_high - switch_low, 1);
  } else if (step_wanted || count != 2) {
    fprintf(stderr, "usage: inside_switch walk | step RESUME_SWITCH SUSPEND_SWITCH SUSPEND_CALLED_SWITCH TEXT_LOW TEXT_HIGH\n");
    return 2;
  }
  for (int level = 1; level <= LEVELS; level++) {
    fibers[level].record = ft_registry_acquire(&ft_fiber_registry);
    if (fibers[level].record == NULL) {
      fprintf(stderr, "no memory for the registry\n");
      return 2;
    }
  }

  root_frame = (uint64_t)__builtin_frame_address(0);
  find_root_stack();
  regions[0] = (struct region){root.low, root.high};
  region_count = 1;
  learn_tails("main");
  run_scenarios("main", step_wanted);

  pthread_t thread;
  if (pthread_create(&thread, NULL, thread_root, NULL) != 0 || pthread_join(thread, NULL) != 0) {
    fprintf(stderr, "no thread\n");
    return 2;
  }

  for (uint64_t i = 0; i < switch_high - switch_low; i++)
    if (stepped[i])
      printf("stepped %lx\n", switch_low + i - load_bias);
  for (int i = 0; i < inlined_count; i++)
    printf("inlined %s+%d\n", name_at(inlined[i].pc), inlined[i].offset);
  printf("boundaries %ld\n", boundary_count);
  for (enum walker walker = 0; walker < WALKER_COUNT; walker++)
    printf("checks %ld by %s\n", check_counts[walker], walker_names[walker]);
  printf("failures %ld\n", failure_count);
  return failure_count != 0;
}
