// Fibers three deep, resumed and suspended from several depths, that know their own frames.
//
//   outside_fibers main|thread|moved below|above|mixed [marks|stop]
//
// Each context (the root and three fibers) keeps a shadow: the names of its active functions, pushed and popped by the
// functions themselves. Before each switch the program spells out what a walk has to find on either side of it
// (`truth_here` before the switch instruction, `truth_there` after it), and for each fiber that does not run what a walk from
// its saved sp has to find (`observed_truth`). Whoever looks from outside reads these and compares.
//
// The second argument places the stacks: each fiber's below its resumer's, above it, or both in turn. "thread" makes a
// thread, whose stack takes part in that, the outermost resumer; main's own stack is always the highest. "moved" begins on
// main and goes on, with the same fibers, on that thread. "marks" raises SIGUSR1 before and after the interesting parts, for a
// tracer that steps. "stop" prints the frames of the innermost fiber and stops there by SIGSTOP.

#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "CFiberAsm.h"

// A function with a frame of its own under its own name.
#ifdef __clang__
#define OWN_FRAME __attribute__((noinline))
#else
#define OWN_FRAME __attribute__((noipa))
#endif
// What stands between such a function and the switch, and must not be a frame.
#define NO_FRAME static inline __attribute__((always_inline))

#define FIBERS 3
#define FRAMES 32
#define STACK_SIZE 0x10000

struct context {
  const char *frames[FRAMES]; // active functions, outermost first
  int depth;
  int is_fiber;
  struct context *resumer; // NULL while the fiber does not run
  struct ft_record record;
};

static struct context root_of_main, root_of_thread, fibers[FIBERS];
static struct context *current = &root_of_main;

// Read from outside.
char truth_here[2048], truth_there[2048];
char observed_truth[FIBERS][2048];
struct ft_record *observed_record[FIBERS];

static void check(int condition, const char *what) {
  if (!condition) {
    fprintf(stderr, "outside_fibers: %s\n", what);
    exit(3);
  }
}

// ---- The shadow ----

NO_FRAME void enter(const char *name) { current->frames[current->depth++] = name; }
NO_FRAME void leave(void) { current->depth--; }

static char *append(char *out, const char *name) {
  char *end = stpcpy(out, name);
  *end++ = ',';
  *end = 0;
  return end;
}

/// Writes the frames of `context`, innermost first, and those it was resumed from. `inner` comes before them, or is NULL.
OWN_FRAME static void spell(char *out, const char *inner, const struct context *context) {
  if (inner != NULL)
    out = append(out, inner);
  for (;;) {
    for (int index = context->depth; index-- > 0;)
      out = append(out, context->frames[index]);
    if (!context->is_fiber)
      break;
    out = append(out, "ft_fiber_start");
    if (context->resumer == NULL) {
      out = append(out, "ft_fiber_not_running");
      break;
    }
    out = append(out, "ft_fiber_resume");
    context = context->resumer;
  }
  out[-1] = 0;
}

OWN_FRAME void observe(void) { __asm__ volatile("" ::: "memory"); }

/// Stops whoever looks from outside at a place where the current chain and all fibers are known.
NO_FRAME void observe_here(void) {
  spell(truth_here, "observe", current);
  observe();
}

// ---- The switches; a compiler without preserve_none resumes through a function with a frame ----

#ifdef FT_HAS_PRESERVE_NONE
NO_FRAME void enter_c(const char *name) { (void)name; }
NO_FRAME void leave_c(void) {}
#else
NO_FRAME void enter_c(const char *name) { enter(name); }
NO_FRAME void leave_c(void) { leave(); }
#endif

NO_FRAME void *resume(struct context *fiber, void *value) {
  enter_c("ft_fiber_resume_c");
  fiber->resumer = current;
  observed_truth[fiber - fibers][0] = 0;
  spell(truth_here, NULL, current);
  spell(truth_there, NULL, fiber);
  current = fiber;
  void *result = ft_resume(&fiber->record, value);
  leave_c();
  return result;
}

/// The bookkeeping of leaving a fiber for its resumer.
NO_FRAME void prepare_suspend(struct context *fiber) {
  spell(truth_here, NULL, fiber);
  spell(truth_there, NULL, fiber->resumer);
  current = fiber->resumer;
  fiber->resumer = NULL;
  spell(observed_truth[fiber - fibers], "ft_fiber_suspend", fiber);
}

NO_FRAME void *suspend(void *value) {
  struct context *fiber = current;
  prepare_suspend(fiber);
  return ft_suspend(&fiber->record, value);
}

/// How the innermost fiber suspends: where it is resumed through the plain C entry point, it suspends so, too.
NO_FRAME void *suspend_innermost(void *value) {
#ifdef FT_HAS_PRESERVE_NONE
  return suspend(value);
#else
  struct context *fiber = current;
  enter("ft_fiber_suspend_c");
  prepare_suspend(fiber);
  void *result = ft_fiber_suspend_c(&fiber->record, value);
  leave();
  return result;
#endif
}

// ---- Fibers A and B: each resumes the next from its body, then from three calls down, then to its end ----

#define RESUMING_FIBER(x, child)                                                                                       \
  OWN_FRAME static void x##_deep(int levels) {                                                                         \
    enter(#x "_deep");                                                                                                 \
    if (levels > 1) {                                                                                                  \
      x##_deep(levels - 1);                                                                                            \
    } else {                                                                                                           \
      check(resume(child, (void *)2) == (void *)22, "second value of the child of " #x);                               \
      check(suspend((void *)22) == (void *)3, "third value given to " #x);                                             \
    }                                                                                                                  \
    leave();                                                                                                           \
  }                                                                                                                    \
  OWN_FRAME static void x##_first(void) {                                                                              \
    enter(#x "_first");                                                                                                \
    check(resume(child, (void *)1) == (void *)11, "first value of the child of " #x);                                  \
    check(suspend((void *)11) == (void *)2, "second value given to " #x);                                              \
    leave();                                                                                                           \
  }                                                                                                                    \
  static void *x##_body(struct ft_record *record, void *value, void *argument) {                                       \
    enter(#x "_body");                                                                                                 \
    check(record == &current->record && value == (void *)1 && argument == current, "what " #x " is given");            \
    x##_first();                                                                                                       \
    x##_deep(3);                                                                                                       \
    check(resume(child, (void *)3) == (void *)33, "last value of the child of " #x);                                   \
    observe_here();                                                                                                    \
    leave();                                                                                                           \
    prepare_suspend(current);                                                                                          \
    return (void *)33;                                                                                                 \
  }

RESUMING_FIBER(b, &fibers[2])
RESUMING_FIBER(a, &fibers[1])

// ---- Fiber C, the innermost ----

static int marks, stops;

NO_FRAME void stop_here(void) {
  if (stops) {
    spell(truth_here, NULL, current);
    puts(truth_here);
    fflush(stdout);
    raise(SIGSTOP);
  }
}

OWN_FRAME static void c_deep(int levels) {
  enter("c_deep");
  if (levels > 1) {
    c_deep(levels - 1);
  } else {
    observe_here();
    stop_here();
    check(suspend_innermost((void *)22) == (void *)7, "what the root gives to c");
    observe_here();
  }
  leave();
}

OWN_FRAME static void c_first(void) {
  enter("c_first");
  observe_here();
  check(suspend_innermost((void *)11) == (void *)2, "second value given to c");
  leave();
}

static void *c_body(struct ft_record *record, void *value, void *argument) {
  enter("c_body");
  check(record == &current->record && value == (void *)1 && argument == current, "what c is given");
  c_first();
  c_deep(4);
  check(suspend_innermost((void *)77) == (void *)3, "third value given to c");
  observe_here();
  leave();
  prepare_suspend(current);
  return (void *)33;
}

// ---- The root ----

OWN_FRAME static void deeper(int levels) {
  enter("deeper");
  if (levels > 1)
    deeper(levels - 1);
  else
    check(resume(&fibers[0], (void *)2) == (void *)22, "second value of a");
  leave();
}

static void *map_stack(int place) {
  void *address = (void *)(0x100000000000 + (uintptr_t)place * 0x1000000);
  void *stack = mmap(address, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  check(stack == address, "cannot map a stack at its place");
  return stack;
}

static const int *places; // of the root thread's stack and the fibers'

NO_FRAME void mark(void) {
  if (marks)
    raise(SIGUSR1);
}

OWN_FRAME static void begins(void) {
  static const ft_fiber_entry bodies[FIBERS] = {a_body, b_body, c_body};
  enter("begins");
  mark();
  for (int index = 0; index < FIBERS; index++) {
    struct context *fiber = &fibers[index];
    uint64_t low = (uint64_t)map_stack(places[index + 1]), high = low + STACK_SIZE;
    spell(truth_here, NULL, current);
    ft_fiber_init(&fiber->record, low, high, ft_stack_base(low, high, index + 1), bodies[index], fiber);
    fiber->is_fiber = 1;
    observed_record[index] = &fiber->record;
    spell(observed_truth[index], "ft_fiber_suspend", fiber);
  }
  check(ft_shadow_stack_enabled() == 0, "this thread has a shadow stack");
  observe_here();
  check(resume(&fibers[0], (void *)1) == (void *)11, "first value of a");
  observe_here();
  mark();
  leave();
}

OWN_FRAME static void goes_on(void) {
  enter("goes_on");
  mark();
  deeper(3);
  observe_here();
  check(resume(&fibers[2], (void *)7) == (void *)77, "what c gives to the root");
  observe_here();
  check(resume(&fibers[0], (void *)3) == (void *)33, "last value of a");
  observe_here();
  mark();
  leave();
}

OWN_FRAME static void *root_thread(void *is_moved) {
  current = &root_of_thread;
  enter("root_thread");
  if (is_moved == NULL)
    begins();
  goes_on();
  leave();
  return is_moved;
}

int main(int argc, char **argv) {
  static const int below[] = {4, 3, 2, 1}, above[] = {1, 2, 3, 4}, mixed[] = {2, 3, 1, 4};
  check(argc >= 3, "usage: outside_fibers main|thread|moved below|above|mixed [marks|stop]");
  int on_main = strcmp(argv[1], "main") == 0, is_moved = strcmp(argv[1], "moved") == 0;
  places = strcmp(argv[2], "below") == 0 ? below : strcmp(argv[2], "above") == 0 ? above : mixed;
  marks = argc > 3 && strcmp(argv[3], "marks") == 0;
  stops = argc > 3 && strcmp(argv[3], "stop") == 0;
  enter("main");
  if (on_main || is_moved)
    begins();
  if (on_main) {
    goes_on();
  } else {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    check(pthread_attr_setstack(&attributes, map_stack(places[0]), STACK_SIZE) == 0, "cannot set the thread's stack");
    check(pthread_create(&thread, &attributes, root_thread, is_moved ? &root_of_thread : NULL) == 0, "cannot make a thread");
    check(pthread_join(thread, NULL) == 0, "cannot join the thread");
  }
  leave();
  return 0;
}
