// The truth that walks are compared with: what the program itself knows about its stacks.
//
// Each stack, a fiber's or the root thread's, is a strand with a shadow list of the functions active on it. The functions
// note themselves there; no unwinder has a part in it. `running` is the strand the processor is on: it changes with the switch
// instruction (seen by the stepping handler) or, in a program that does not step, just before the call.
#ifndef INSIDE_MODEL_H
#define INSIDE_MODEL_H

#include "CFiberAsm.h"
#include "inside_symbols.h"

/// A function that stands in lists under its name: neither inlined nor cloned.
#if defined(__clang__)
#define LISTED __attribute__((noinline))
#else
#define LISTED __attribute__((noipa))
#endif

enum { SHADOW_LIMIT = 16, LIST_LIMIT = 96 };

struct strand {
  const char *shadow[SHADOW_LIMIT]; // oldest first
  int depth;
  struct strand *resumer; // of a running fiber; NULL for the root and for a fiber that does not run
  struct ft_record *record; // NULL for the root
  uint64_t low, high; // the stack's memory
};

static struct strand *volatile running;
/// Whether the trap handler keeps `running`.
static volatile bool stepping;

static inline __attribute__((always_inline)) void enter(const char *name) {
  struct strand *strand = running;
  strand->shadow[strand->depth] = name;
  strand->depth++;
}

/// Stands after the last call of each function that is in a list, which so is no tail call.
static inline __attribute__((always_inline)) void leave(void) {
  __asm__ volatile("" ::: "memory");
  running->depth--;
}

/// A list of functions, newest first.
struct list {
  const char *names[LIST_LIMIT];
  int count;
  bool reaches_root;
};

static void append(struct list *list, const char *name) { list->names[list->count++] = name; }

static void append_shadow(struct list *list, const struct strand *strand) {
  for (int i = strand->depth - 1; i >= 0; i--)
    append(list, strand->shadow[i]);
}

/// What is active on `strand`, its resumer's strand, and so on to the root.
static void append_strands(struct list *list, const struct strand *strand) {
  for (; strand != NULL; strand = strand->resumer) {
    append_shadow(list, strand);
    if (strand->resumer == NULL)
      break;
    append(list, "ft_fiber_start");
    append(list, "ft_fiber_resume");
  }
  list->reaches_root = true;
}

/// What a walk of a fiber that does not run answers.
static void list_not_running(struct list *list, const struct strand *strand) {
  list->count = 0;
  list->reaches_root = false;
  append(list, "ft_fiber_suspend");
  append_shadow(list, strand);
  append(list, "ft_fiber_start");
  append(list, "ft_fiber_not_running");
}

/// What a frame-pointer walk makes of `whole` where the newest function has not set up its record, or has left it: it goes
/// on with the caller's record, and the caller itself is missed. So it is in every function.
static void miss_caller(struct list *whole) {
  for (int i = 2; i < whole->count; i++)
    whole->names[i - 1] = whole->names[i];
  whole->count--;
}

#endif
