// The walkers, each giving a list of pcs. One program has libunwind's (-DLIBUNWIND, -lunwind) or libgcc's: both libraries
// export _Unwind_Backtrace.
#ifndef INSIDE_WALKERS_H
#define INSIDE_WALKERS_H

#include "inside_model.h"

#ifdef LIBUNWIND
#define UNW_LOCAL_ONLY
#include <libunwind.h>
#else
#include <unwind.h>
#endif

enum walker {
#ifdef LIBUNWIND
  STEP_CONTEXT, // unw_step from the interrupted registers
  STEP,         // unw_step from a call, out of a handler through the frame of the signal's return
  BACKTRACE,    // unw_backtrace from a call, likewise
#else
  LIBGCC, // _Unwind_Backtrace from a call, likewise
#endif
  FRAME_POINTERS,
  WALKER_COUNT
};

static const char *const walker_names[WALKER_COUNT] = {
#ifdef LIBUNWIND
    "unw_step(context)", "unw_step", "unw_backtrace",
#else
    "_Unwind_Backtrace",
#endif
    "frame pointers"};

struct trace {
  uint64_t pcs[LIST_LIMIT];
  bool exact[LIST_LIMIT];  // the pc is that of an instruction to execute, not a return address of a call
  bool signal[LIST_LIMIT]; // the frame is a signal frame
  int count;
  int end; // what the walker answered last; 0 = the outermost frame
};

static const char *trace_name(const struct trace *trace, int index) {
  return name_at(trace->pcs[index] - (trace->exact[index] ? 0 : 1));
}

/// Takes the first `count` frames away: those of the walk itself.
static void drop(struct trace *trace, int count) {
  for (int i = count; i < trace->count; i++) {
    trace->pcs[i - count] = trace->pcs[i];
    trace->exact[i - count] = trace->exact[i];
    trace->signal[i - count] = trace->signal[i];
  }
  trace->count -= count;
}

#ifdef LIBUNWIND

LISTED static void walk_cursor(struct trace *trace, unw_cursor_t *cursor, bool first_exact) {
  trace->count = 0;
  bool exact = first_exact;
  do {
    unw_word_t pc;
    if (unw_get_reg(cursor, UNW_REG_IP, &pc) != 0)
      break;
    trace->pcs[trace->count] = pc;
    trace->exact[trace->count] = exact;
    exact = trace->signal[trace->count] = unw_is_signal_frame(cursor) > 0;
    trace->count++;
    trace->end = unw_step(cursor);
  } while (trace->end > 0 && trace->count < LIST_LIMIT);
}

/// unw_step from given registers, as a debugger does for a thread that it stopped.
static void walk_context(struct trace *trace, const ucontext_t *context) {
  unw_context_t copy = *context;
  unw_cursor_t cursor;
  trace->end = unw_init_local2(&cursor, &copy, UNW_INIT_SIGNAL_FRAME);
  if (trace->end == 0)
    walk_cursor(trace, &cursor, true);
}

LISTED static void walk_step(struct trace *trace) {
  unw_context_t context;
  unw_cursor_t cursor;
  unw_getcontext(&context);
  trace->end = unw_init_local(&cursor, &context);
  if (trace->end == 0)
    walk_cursor(trace, &cursor, true);
}

LISTED static void walk_backtrace(struct trace *trace) {
  trace->count = unw_backtrace((void **)trace->pcs, LIST_LIMIT);
  trace->end = 0;
  memset(trace->exact, 0, sizeof trace->exact);
  memset(trace->signal, 0, sizeof trace->signal);
}

#else

static _Unwind_Reason_Code note_frame(struct _Unwind_Context *context, void *argument) {
  struct trace *trace = argument;
  if (trace->count == LIST_LIMIT)
    return _URC_NORMAL_STOP;
  int exact = 0;
  trace->pcs[trace->count] = _Unwind_GetIPInfo(context, &exact);
  trace->exact[trace->count] = exact;
  if (trace->count > 0)
    trace->signal[trace->count - 1] = exact;
  trace->signal[trace->count] = false;
  trace->count++;
  return _URC_NO_REASON;
}

LISTED static void walk_libgcc(struct trace *trace) {
  trace->count = 0;
  trace->end = _Unwind_Backtrace(note_frame, trace) == _URC_END_OF_STACK ? 0 : -1;
}

#endif

/// The frame of the root function, where a frame-pointer walk ends, and the memory it may read.
static uint64_t root_frame;
struct region {
  uint64_t low, high;
};
static struct region regions[8];
static int region_count;

static bool in_region(uint64_t frame) {
  for (int i = 0; i < region_count; i++)
    if (frame >= regions[i].low && frame + 16 <= regions[i].high)
      return true;
  return false;
}

/// The chain of frame-pointer records from `frame`, as perf and Swift's crash handler walk it. Ends at the root's record,
/// at a zero return address (end 0), or where no stack is (end -1).
static void walk_frame_pointers(struct trace *trace, uint64_t pc, uint64_t frame) {
  trace->pcs[0] = pc;
  trace->exact[0] = true;
  trace->count = 1;
  trace->end = 0;
  while (frame != root_frame && trace->count < LIST_LIMIT) {
    if (frame % 8 != 0 || !in_region(frame)) {
      trace->end = -1;
      return;
    }
    const uint64_t *record = (const uint64_t *)frame;
    if (record[1] == 0)
      return;
    trace->pcs[trace->count] = record[1];
    trace->exact[trace->count] = false;
    trace->count++;
    frame = record[0];
  }
}

#endif
