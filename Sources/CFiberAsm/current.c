// Which fiber the caller runs on, found without a word that switches would have to write.
//
// A fiber's stack is known from its record, and the stacks of living fibers do not overlap: the one whose stack holds the
// caller's frame is the answer. Each thread remembers where it found its last ones, by page, and how far its own stack is known
// to reach. What it remembers is checked by id and bounds: while the caller runs on a fiber, nobody else changes that fiber's
// record, so what fits is right, and what another thread changes meanwhile does not fit.
//
// Stacks of memory that the caller has given may lie inside a thread's or a fiber's own stack. From the first such stack on,
// nothing remembered is used: the innermost of all stacks that hold the caller's frame is the answer.

#define _GNU_SOURCE // pthread_getattr_np

#include <pthread.h>
#include <stdbool.h>

#include "walk.h"

// Other threads write records while they are read here; ThreadSanitizer does not see that the identity tells.
#define FT_READS_RECORDS __attribute__((no_sanitize("thread")))

#define PLACES 64

struct place {
  struct ft_record *record;
  uint64_t id;
};

struct memory {
  struct place places[PLACES];
  // The thread's stack, and the part of it, up to its end, in which no fiber was found. 0: not asked yet.
  uint64_t own_low, own_high, known_low;
};

static bool stacks_nest;

// Not "initial-exec": a library that is loaded late has no room for it there.
static __thread struct memory memory;

static uint64_t page(uint64_t address) { return address >> 12; }

// The id of the fiber of `record` if its stack holds `address`, else 0.
FT_READS_RECORDS static uint64_t id_of_holder(const struct ft_record *record, uint64_t address) {
  uint64_t id = __atomic_load_n(&record->identity, __ATOMIC_ACQUIRE) >> FT_IDENTITY_SHIFT;
  if (id == 0)
    return 0;
  uint64_t low = __atomic_load_n(&record->low, __ATOMIC_ACQUIRE);
  uint64_t base = __atomic_load_n(&record->base, __ATOMIC_ACQUIRE);
  if (address - low >= base - low)
    return 0;
  // Another fiber may have got the record between the loads.
  return __atomic_load_n(&record->identity, __ATOMIC_RELAXED) >> FT_IDENTITY_SHIFT == id ? id : 0;
}

FT_READS_RECORDS static struct place search(uint64_t address) {
  struct place found = {NULL, 0};
  struct ft_walk walk = ft_walk_start();
  for (struct ft_record *record; (record = ft_walk_next(&walk)) != NULL;) {
    uint64_t id = id_of_holder(record, address);
    if (id != 0 && (found.record == NULL || record->low > found.record->low))
      found = (struct place){record, id};
  }
  return found;
}

static bool is_own_stack(struct memory *memory, uint64_t address) {
  if (memory->own_high == 0) {
    pthread_attr_t attributes;
    void *low;
    size_t size;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
      return false;
    if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
      memory->own_low = (uint64_t)low;
      memory->own_high = memory->known_low = (uint64_t)low + size;
    }
    pthread_attr_destroy(&attributes);
  }
  return memory->own_low <= address && address < memory->own_high;
}

// Not inlined: its frame is on the caller's stack, and its thread that of the call.
__attribute__((noinline)) struct ft_record *ft_fiber_current(void) {
  uint64_t address = ft_frame_address();
  struct memory *own = &memory;
  if (__atomic_load_n(&stacks_nest, __ATOMIC_RELAXED))
    return search(address).record;
  if (own->known_low <= address && address < own->own_high)
    return NULL;
  struct place *place = &own->places[page(address) % PLACES];
  if (place->record != NULL && id_of_holder(place->record, address) == place->id)
    return place->record;
  struct place found = search(address);
  if (found.record != NULL)
    *place = found;
  else if (is_own_stack(own, address))
    own->known_low = address; // A thread's stack is in one piece.
  return found.record;
}

// Not inlined, as above. A stack inside another thread's stack is not seen: that thread could not use its own.
__attribute__((noinline)) void ft_stack_given(uint64_t low) {
  struct ft_record *current = ft_fiber_current();
  if (is_own_stack(&memory, low) || (current != NULL && low - current->low < current->base - current->low))
    __atomic_store_n(&stacks_nest, true, __ATOMIC_RELAXED);
}
