// How many fibers there are, read from the registry while they run.

#include "walk.h"

// Other threads write records while they are read here: each counts as it was at some moment.
__attribute__((no_sanitize("thread"))) struct ft_fiber_counts ft_fiber_count(void) {
  struct ft_fiber_counts counts = {0, 0, 0, 0, 0, 0};
  struct ft_walk walk = ft_walk_start();
  for (const struct ft_record *record; (record = ft_walk_next(&walk)) != NULL;) {
    uint64_t identity = __atomic_load_n(&record->identity, __ATOMIC_ACQUIRE);
    uint64_t count = __atomic_load_n(&record->count, __ATOMIC_RELAXED);
    if (identity == 0)
      continue;
    if (identity & FT_FLAG_ABANDONED)
      counts.abandoned++;
    else if (identity & FT_FLAG_FINISHED)
      counts.finished++;
    else if (count & 1)
      counts.on_thread++;
    else if (count == 0)
      counts.not_started++;
    else
      counts.suspended++;
  }
  // Last: a fiber counted above has been created before.
  counts.created = ft_record_created();
  return counts;
}
