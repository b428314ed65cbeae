// A walk over the records of this copy's registry, while others create and end fibers.
#ifndef FT_WALK_H
#define FT_WALK_H

#include "CFiberAsm.h"

/// Where a walk is.
struct ft_walk {
  struct ft_chunk *chunk;
  /// The records of the current word of the bitmap that are still to come, and the number of the next word.
  uint64_t used;
  size_t word;
};

static inline struct ft_walk ft_walk_start(void) {
  struct ft_walk walk = {(struct ft_chunk *)__atomic_load_n(&ft_fiber_registry.chunks, __ATOMIC_ACQUIRE), 0, 0};
  return walk;
}

/// The next record that is handed out, or NULL. Its identity tells whether a fiber has it: 0 while none does. Chunks are never
/// freed, so the walk ends. No lock.
static inline struct ft_record *ft_walk_next(struct ft_walk *walk) {
  while (walk->used == 0) {
    if (walk->chunk != NULL && walk->word == sizeof walk->chunk->used / sizeof walk->chunk->used[0]) {
      walk->chunk = (struct ft_chunk *)walk->chunk->next;
      walk->word = 0;
    }
    if (walk->chunk == NULL)
      return NULL;
    walk->used = __atomic_load_n(&walk->chunk->used[walk->word++], __ATOMIC_RELAXED);
  }
  size_t index = (walk->word - 1) * 64 + (size_t)__builtin_ctzll(walk->used);
  walk->used &= walk->used - 1;
  return &walk->chunk->records[index];
}

#endif
