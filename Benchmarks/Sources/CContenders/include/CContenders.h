/// What is compared, in C: each function makes one contender of one case, ready to run.
#ifndef CCONTENDERS_H
#define CCONTENDERS_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One contender, made once and run in many slices. Safe to hand around in Swift, which calls `run` with `state` in one place.
struct __attribute__((swift_attr("safe"))) workload {
  void *_Nonnull state;
  /// `count` operations. Answers how many units they were: round trips, fibers or frames.
  long (*_Nonnull run)(void *_Nonnull state, long count);
};

// ---- Round trips over a ring of `fibers` ----

/// What stands around a switch, on both sides.
enum surroundings {
  /// A loop.
  NO_LIVE_VALUES,
  /// A loop with five values that the compiler has to keep.
  FIVE_LIVE_VALUES,
  /// A function that does nothing else, and a loop that calls it.
  FUNCTION,
};
#define SURROUNDINGS_COUNT 3

struct workload round_trip_wrappers(long fibers, enum surroundings around);
struct workload round_trip_plain_c(long fibers, enum surroundings around);
struct workload round_trip_fcontext(long fibers, enum surroundings around);
/// Tops where Boost's own allocators place them: at the end of a page, all in one set of the first-level cache.
struct workload round_trip_fcontext_aligned(long fibers, enum surroundings around);
struct workload round_trip_ucontext(long fibers, enum surroundings around);

// ---- A fiber made, run to its end and done with; on one stack used again and again, or on a new one (`fresh`) ----

/// With a record that debuggers can find.
struct workload create_record(bool fresh);
struct workload create_fcontext(bool fresh);
struct workload create_ucontext(bool fresh);

// ---- Walks of the stack; a unit is a frame ----

/// A function that walks its callers, and answers how many frames it has found.
typedef long (*walk_function)(void *_Nullable *_Nonnull buffer, int size);

/// `walk` under three fibers, each of which has resumed the next; without `in_fibers`, under as many frames of the main
/// stack.
struct workload backtrace_workload(walk_function _Nonnull walk, bool in_fibers);
/// libunwind's `unw_backtrace`, from a library loaded for this alone.
long walk_libunwind(void *_Nullable *_Nonnull buffer, int size);
/// libc's `backtrace`, which is libgcc's unwinder.
long walk_libc(void *_Nullable *_Nonnull buffer, int size);

// ---- Shared with the contenders in C++ ----

/// Bytes of each stack, as the Swift library's default.
#define STACK_SIZE 0x40000

/// A stack [low, low + STACK_SIZE) of pages that are not there yet, above a guard of one page. Ends the process if there is
/// no memory.
char *_Nonnull stack_map(void);
void stack_unmap(char *_Nonnull low);

/// `memory`, or the end of the process with a message if it is NULL or MAP_FAILED.
void *_Nonnull checked(void *_Nullable memory);

// ---- What CallCounters has counted ----

/// Calls of this process so far.
struct call_counts {
  long allocations, locks;
};

/// False in a process without CallCounters.
bool call_counts_read(struct call_counts *_Nonnull counts);

// ---- Versions ----

const char *_Nonnull clang_version(void);
const char *_Nonnull libc_version(void);
/// Of the header that the program was built with.
const char *_Nonnull libunwind_version(void);

#ifdef __cplusplus
}
#endif

#endif
