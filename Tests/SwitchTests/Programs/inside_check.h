// Comparing walks with the truth, at a call in the program and at an interrupted instruction.
#ifndef INSIDE_CHECK_H
#define INSIDE_CHECK_H

#include "inside_walkers.h"

static const char *scenario = "";
static long check_counts[WALKER_COUNT];
static long failure_count;

/// What each walker answers above the root function, learnt before any fiber exists.
static uint64_t tails[WALKER_COUNT][LIST_LIMIT];
static int tail_counts[WALKER_COUNT], tail_ends[WALKER_COUNT];

static void print_failure(const char *place, enum walker walker, const struct trace *trace, const struct list *list,
                          const char *why) {
  if (++failure_count > 6)
    return;
  printf("FAILURE %s, %s, by %s: %s\n  expected:", scenario, place, walker_names[walker], why);
  for (int i = 0; i < list->count; i++)
    printf(" %s", list->names[i]);
  printf("\n  walked:  ");
  for (int i = 0; i < trace->count; i++)
    printf(" %s", trace_name(trace, i));
  printf(" (end %d)\n", trace->end);
}

/// The whole list must be `list`, and above its root function exactly what was there before any fiber.
static void compare(const char *place, enum walker walker, const struct trace *trace, const struct list *list) {
  check_counts[walker]++;
  int tail_count = list->reaches_root ? tail_counts[walker] : 0;
  int end = list->reaches_root ? tail_ends[walker] : 0;
  if (trace->count != list->count + tail_count)
    return print_failure(place, walker, trace, list, "another number of frames");
  for (int i = 0; i < list->count; i++)
    if (strcmp(trace_name(trace, i), list->names[i]) != 0)
      return print_failure(place, walker, trace, list, "another frame");
  for (int i = 0; i < tail_count; i++)
    if (trace->pcs[list->count + i] != tails[walker][i])
      return print_failure(place, walker, trace, list, "another frame above the root function");
  if (trace->end != end)
    return print_failure(place, walker, trace, list, "another end");
#ifndef LIBUNWIND
  // No unwinder takes one from the address that follows a signal frame; libgcc says so.
  if (walker == LIBGCC)
    for (int i = 0; i < list->count; i++)
      if (strcmp(list->names[i], "ft_fiber_start") == 0 && !trace->signal[i])
        return print_failure(place, walker, trace, list, "the base frame is no signal frame");
#endif
}

/// Walks by call, newest first from this program's function `from`.
LISTED static void walk_from_call(enum walker walker, struct trace *trace, const char *from) {
  switch (walker) {
#ifdef LIBUNWIND
  case STEP_CONTEXT: {
    unw_context_t context;
    unw_getcontext(&context);
    walk_context(trace, &context);
    break;
  }
  case STEP:
    walk_step(trace);
    break;
  case BACKTRACE:
    walk_backtrace(trace);
    break;
#else
  case LIBGCC:
    walk_libgcc(trace);
    break;
#endif
  case FRAME_POINTERS:
    walk_frame_pointers(trace, (uint64_t)__builtin_return_address(0), *(uint64_t *)__builtin_frame_address(0));
    break;
  case WALKER_COUNT:
    break;
  }
  for (int i = 0; i < trace->count && i < 8; i++)
    if (strcmp(trace_name(trace, i), from) == 0)
      return drop(trace, i);
}

static bool walker_applies(enum walker walker) {
#ifdef FRAME_POINTER_BUILD
  (void)walker;
  return true;
#else
  return walker != FRAME_POINTERS;
#endif
}

/// Checks the walk from here. Its caller is on the running strand's shadow list.
LISTED static void probe(const char *place) {
  if (stepping)
    return;
  struct list list = {.count = 0};
  append(&list, "probe");
  append_strands(&list, running);
  for (enum walker walker = 0; walker < WALKER_COUNT; walker++) {
    static struct trace trace;
    if (!walker_applies(walker))
      continue;
    walk_from_call(walker, &trace, "probe");
    compare(place, walker, &trace, &list);
  }
}

/// Learns what is above the root function. Called by it.
LISTED static void learn_tails(const char *root) {
  for (enum walker walker = 0; walker < WALKER_COUNT; walker++) {
    static struct trace trace;
    if (!walker_applies(walker))
      continue;
    walk_from_call(walker, &trace, root);
    if (trace.count == 0 || strcmp(trace_name(&trace, 0), root) != 0) {
      fprintf(stderr, "%s does not find %s without any fiber\n", walker_names[walker], root);
      exit(2);
    }
    tail_counts[walker] = trace.count - 1;
    tail_ends[walker] = trace.end;
    memcpy(tails[walker], trace.pcs + 1, sizeof(uint64_t) * (size_t)(trace.count - 1));
  }
  __asm__ volatile("" ::: "memory");
}

/// Checks the walk of a fiber that does not run: pc = the registry's suspended_pc, rbp = rsp = saved sp.
static void probe_not_running(const char *place, const struct strand *strand) {
  if (stepping)
    return;
  static struct trace trace;
  struct list list;
  list_not_running(&list, strand);
#ifdef LIBUNWIND
  ucontext_t context;
  memset(&context, 0, sizeof context);
  context.uc_mcontext.gregs[REG_RIP] = (greg_t)ft_fiber_registry.suspended_pc;
  context.uc_mcontext.gregs[REG_RBP] = context.uc_mcontext.gregs[REG_RSP] = (greg_t)strand->record->sp;
  walk_context(&trace, &context);
  compare(place, STEP_CONTEXT, &trace, &list);
#endif
  if (walker_applies(FRAME_POINTERS)) {
    walk_frame_pointers(&trace, ft_fiber_registry.suspended_pc, strand->record->sp);
    compare(place, FRAME_POINTERS, &trace, &list);
  }
}

#endif
