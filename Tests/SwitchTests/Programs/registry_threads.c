// Threads that take, publish and give back records of one registry at once. Prints what each found wrong, and how many chunks
// there are in the end.

#include "FiberTraceRegistry.h"

#include <pthread.h>
#include <stdio.h>

enum { THREADS = 6, STEPS = 20000, HELD = 600 };

FT_REGISTRY_DEFINE(shared, "threads");

/// Holds up to HELD records, in a pattern of its own. Answers how often a record was not zero when taken, or not its own after.
static void *run(void *argument) {
  uint64_t number = (uint64_t)argument, random = number, wrong = 0;
  struct ft_record *held[HELD];
  size_t count = 0;
  for (int step = 0; step < STEPS || count != 0; step++) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    if (step < STEPS && count < HELD && random >> 62 != 0) {
      struct ft_record *record = ft_registry_acquire(&shared);
      if (record == NULL)
        return (void *)UINT64_MAX;
      wrong += (record->sp | record->base | record->count | record->low | record->identity | record->name | record->wait |
                record->creator) != 0;
      record->sp = number;
      record->base = ft_registry_publish(&shared, record);
      held[count++] = record;
    } else if (count != 0) {
      size_t index = (random >> 32) % count;
      struct ft_record *record = held[index];
      held[index] = held[--count];
      wrong += record->sp != number || record->identity != record->base << FT_IDENTITY_SHIFT;
      ft_registry_release(&shared, record);
    }
  }
  return (void *)wrong;
}

int main(void) {
  pthread_t threads[THREADS];
  for (size_t index = 0; index < THREADS; index++)
    pthread_create(&threads[index], NULL, run, (void *)(index + 1));
  uint64_t wrong = 0;
  for (size_t index = 0; index < THREADS; index++) {
    void *result;
    pthread_join(threads[index], &result);
    wrong += (uint64_t)result;
  }
  int chunks = 0, taken = 0;
  for (struct ft_chunk *chunk = (struct ft_chunk *)shared.chunks; chunk != NULL; chunk = (struct ft_chunk *)chunk->next) {
    chunks++;
    for (size_t index = 0; index < sizeof chunk->used / sizeof chunk->used[0]; index++)
      taken += __builtin_popcountll(chunk->used[index]);
  }
  printf("wrong %lu\ntaken %d\nchunks %d\n", wrong, taken, chunks);
  return 0;
}
