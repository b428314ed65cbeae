// How many fibers there are, read from the registry while they run.

#include "CFiberAsm.h"

// Other threads write records while they are read here: each counts as it was at some moment.
__attribute__((no_sanitize("thread"))) struct ft_fiber_counts ft_fiber_count(void) {
  struct ft_fiber_counts counts = {0, 0, 0, 0, 0, 0};
  uint64_t next = __atomic_load_n(&ft_fiber_registry.chunks, __ATOMIC_ACQUIRE);
  while (next != 0) {
    struct ft_chunk *chunk = (struct ft_chunk *)next;
    for (size_t word = 0; word < sizeof chunk->used / sizeof chunk->used[0]; word++) {
      uint64_t used = __atomic_load_n(&chunk->used[word], __ATOMIC_RELAXED);
      for (; used != 0; used &= used - 1) {
        struct ft_record *record = &chunk->records[word * 64 + (size_t)__builtin_ctzll(used)];
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
    }
    next = chunk->next;
  }
  // Last: a fiber counted above has been created before.
  counts.created = ft_record_created();
  return counts;
}
