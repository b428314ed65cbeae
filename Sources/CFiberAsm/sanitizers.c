// What AddressSanitizer and ThreadSanitizer have to know of switches. Empty without them.
//
// Under a sanitizer fiber_x86_64.S calls its functions `ft_fiber_resume_bare` and so on, and the functions here, which
// have the names that everybody calls, surround them. (Inline assembly jumps to `ft_fiber_suspend`, which is in that file
// and leads to `ft_fiber_suspend_called` here.) Swift's importer does not know of sanitizers, so callers and the
// layout of a stack are the same with and without. Walks meet one frame more on each side of a switch.

#include "CFiberAsm.h"

#ifdef FT_SANITIZED

// Not instrumented: they run while a sanitizer has one stack in mind and the processor another.
#define FT_UNINSTRUMENTED __attribute__((disable_sanitizer_instrumentation))

FT_HIDDEN __attribute__((preserve_none)) void *FT_NULLABLE ft_fiber_resume_bare(struct ft_record *FT_NONNULL record,
                                                                              void *FT_NULLABLE value);
FT_HIDDEN __attribute__((preserve_none)) void *FT_NULLABLE
ft_fiber_suspend_called_bare(struct ft_record *FT_NONNULL record, void *FT_NULLABLE value);
FT_HIDDEN __attribute__((preserve_none)) void *FT_NULLABLE ft_fiber_suspend_called(struct ft_record *FT_NONNULL record,
                                                                                 void *FT_NULLABLE value);
FT_HIDDEN void ft_fiber_init_bare(struct ft_record *FT_NONNULL record, uint64_t low, uint64_t high, uint64_t base,
                                  ft_fiber_entry FT_NONNULL entry, void *FT_NULLABLE argument);
FT_HIDDEN void ft_fiber_has_started(void);
FT_HIDDEN void ft_fiber_is_abandoned(void);
FT_HIDDEN void ft_fiber_is_released(struct ft_record *FT_NONNULL record);

/// A resume that has not come back, on its resumer's stack.
struct resume {
  /// The one that has resumed this resumer, or NULL on a thread's own stack.
  struct resume *FT_NULLABLE outer;
  /// The resumer's stack as AddressSanitizer knows it: lowest address and bytes.
  const void *FT_NULLABLE low;
  size_t size;
  /// What ThreadSanitizer calls the resumer.
  void *FT_NULLABLE name;
};

static __thread struct resume *innermost_of_thread;

/// The last resume of this thread that has not come back. A function of its own that the compiler cannot see through: a
/// fiber may have moved to another thread when a switch is over.
FT_UNINSTRUMENTED __attribute__((noinline)) static struct resume **innermost(void) {
  __asm__ volatile("" ::: "memory");
  return &innermost_of_thread;
}

#ifdef FT_ADDRESS_SANITIZER

#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

/// Before a resume. Answers what the resumer's stack is found by again.
FT_UNINSTRUMENTED static void *enter(struct resume *here, struct ft_record *record) {
  (void)here;
  uint64_t high = *(uint64_t *)(record->base + FT_BASE_HIGH);
  void *saved;
  __sanitizer_start_switch_fiber(&saved, (void *)record->low, high - record->low);
  return saved;
}

/// After a resume.
FT_UNINSTRUMENTED static void come_back(void *saved, struct ft_record *record) {
  (void)record;
  __sanitizer_finish_switch_fiber(saved, NULL, NULL);
}

/// Before a suspend, the last one if `last`. Answers what the fiber's stack is found by again.
FT_UNINSTRUMENTED static void *leave(int last) {
  struct resume *resume = *innermost();
  void *saved = NULL;
  // Without a place to save it, AddressSanitizer frees what it keeps for this stack.
  __sanitizer_start_switch_fiber(last ? NULL : &saved, resume->low, resume->size);
  return saved;
}

/// After a suspend, and at a fiber's first instruction.
FT_UNINSTRUMENTED static void arrive(void *saved) {
  struct resume *resume = *innermost();
  __sanitizer_finish_switch_fiber(saved, &resume->low, &resume->size);
}

/// Before a fiber gets the stack [low, high). Frames that were given up on it have left their marks there.
FT_UNINSTRUMENTED static void prepare(uint64_t low, uint64_t high) {
  __asan_unpoison_memory_region((void *)low, high - low);
}

/// After that. LeakSanitizer looks for pointers on stacks, but not in the registry, which alone may have the fiber's name.
FT_UNINSTRUMENTED static void complete(struct ft_record *record) {
  *(uint64_t *)(record->base + FT_BASE_TOOL) = record->name;
}

/// Before a fiber's record goes.
FT_UNINSTRUMENTED static void forget(struct ft_record *record) { (void)record; }

#else

#include <sanitizer/tsan_interface.h>

FT_UNINSTRUMENTED static void *enter(struct resume *here, struct ft_record *record) {
  void **name = (void **)(record->base + FT_BASE_TOOL);
  if (record->count == 0) {
    *name = __tsan_create_fiber(0);
    if (record->name != 0)
      __tsan_set_fiber_name(*name, (const char *)record->name);
  }
  here->name = __tsan_get_current_fiber();
  // Without the flag that says otherwise, all that has happened before a switch happens before what comes after it.
  __tsan_switch_to_fiber(*name, 0);
  return NULL;
}

/// ThreadSanitizer has room for so many fibers at a time.
FT_UNINSTRUMENTED static void destroy(struct ft_record *record) {
  void **name = (void **)(record->base + FT_BASE_TOOL);
  __tsan_destroy_fiber(*name);
  *name = NULL;
}

FT_UNINSTRUMENTED static void come_back(void *saved, struct ft_record *record) {
  (void)saved;
  if (record->identity & FT_FLAG_FINISHED)
    destroy(record);
}

FT_UNINSTRUMENTED static void *leave(int last) {
  (void)last;
  __tsan_switch_to_fiber((*innermost())->name, 0);
  return NULL;
}

FT_UNINSTRUMENTED static void arrive(void *saved) { (void)saved; }

FT_UNINSTRUMENTED static void prepare(uint64_t low, uint64_t high) { (void)low, (void)high; }

FT_UNINSTRUMENTED static void complete(struct ft_record *record) { (void)record; }

FT_UNINSTRUMENTED static void forget(struct ft_record *record) {
  // Suspended for good. A record that was never published has no stack, and a finished fiber's stack may have gone.
  if (record->identity != 0 && (record->identity & FT_FLAG_FINISHED) == 0 && record->count != 0 && record->count % 2 == 0)
    destroy(record);
}

#endif

FT_UNINSTRUMENTED __attribute__((preserve_none)) void *ft_fiber_resume(struct ft_record *record, void *value) {
  struct resume here = {.outer = *innermost()};
  *innermost() = &here;
  void *saved = enter(&here, record);
  value = ft_fiber_resume_bare(record, value);
  come_back(saved, record);
  *innermost() = here.outer;
  return value;
}

// Nobody aligns the stack for a jump.
FT_UNINSTRUMENTED __attribute__((preserve_none, force_align_arg_pointer)) void *
ft_fiber_suspend_called(struct ft_record *record, void *value) {
  void *saved = leave((record->identity & FT_FLAG_FINISHED) != 0);
  value = ft_fiber_suspend_called_bare(record, value);
  arrive(saved);
  return value;
}

/// Called by the base function before anything else.
FT_UNINSTRUMENTED void ft_fiber_has_started(void) { arrive(NULL); }

/// The innermost fiber of this thread is being unwound for good: what follows runs for its resumer. (pthread_exit inside
/// a fiber does not get here under ThreadSanitizer, which insists on the thread's own stack and stops the process.)
FT_UNINSTRUMENTED void ft_fiber_is_abandoned(void) {
  struct resume **resume = innermost();
  leave(1);
#ifdef FT_ADDRESS_SANITIZER
  __sanitizer_finish_switch_fiber(NULL, NULL, NULL);
#endif
  *resume = (*resume)->outer;
}

/// Called when a record of this copy's registry is given back.
FT_UNINSTRUMENTED void ft_fiber_is_released(struct ft_record *record) { forget(record); }

FT_UNINSTRUMENTED void ft_fiber_init(struct ft_record *record, uint64_t low, uint64_t high, uint64_t base,
                                     ft_fiber_entry entry, void *argument) {
  prepare(low, high);
  ft_fiber_init_bare(record, low, high, base, entry, argument);
  complete(record);
}

#endif
