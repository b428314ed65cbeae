// Threads that create and end fibers through the cache of records. Prints what each case found.

#include "inside_stack.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 8, FIBERS = 100000, HELD = 100, GENERATIONS = 2000 };

static int by_value(const void *left, const void *right) {
  uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
  return (a > b) - (a < b);
}

/// Records that readers see, and those taken from the registry, in all chunks.
static void count_records(long *seen, long *taken) {
  *seen = *taken = 0;
  for (struct ft_chunk *chunk = (struct ft_chunk *)ft_fiber_registry.chunks; chunk != NULL;
       chunk = (struct ft_chunk *)chunk->next) {
    for (size_t index = 0; index < FT_CHUNK_CAPACITY; index++)
      *seen += chunk->records[index].identity != 0;
    for (size_t index = 0; index < sizeof chunk->used / sizeof chunk->used[0]; index++)
      *taken += __builtin_popcountll(chunk->used[index]);
  }
}

static struct ft_record *create(uint64_t *id) {
  struct ft_record *record = ft_record_acquire(id);
  if (record == NULL)
    abort();
  return record;
}

// ---- One thread ----

/// How often the ids of one thread's fibers were not 1, 2, 3 ..., or a record had something left of its last fiber.
static long count_disorder(void) {
  long wrong = 0;
  for (uint64_t expected = 1; expected <= 1000; expected++) {
    uint64_t id;
    struct ft_record *record = create(&id);
    wrong += id != expected || (record->identity | record->name | record->wait | record->creator) != 0;
    record->name = record->wait = record->creator = 1;
    ft_record_publish(record, id);
    ft_record_release(record);
    wrong += record->identity != 0;
  }
  return wrong;
}

// ---- Many threads at once ----

static uint64_t ids[THREADS][FIBERS];
static pthread_barrier_t barrier;

/// Holds up to HELD records. Answers how often a record was not its own any more.
static void *hold(void *argument) {
  uint64_t *mine = argument, random = (uint64_t)argument, wrong = 0;
  struct ft_record *held[HELD];
  size_t count = 0, created = 0;
  pthread_barrier_wait(&barrier);
  while (created < FIBERS || count != 0) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    if (created < FIBERS && count < HELD && random >> 63 != 0) {
      struct ft_record *record = create(&mine[created]);
      record->low = mine[created];
      ft_record_publish(record, mine[created++]);
      held[count++] = record;
    } else if (count != 0) {
      size_t index = (random >> 32) % count;
      struct ft_record *record = held[index];
      held[index] = held[--count];
      wrong += record->identity != record->low << FT_IDENTITY_SHIFT;
      ft_record_release(record);
    }
  }
  return (void *)wrong;
}

// ---- Threads that come and go ----

static pthread_key_t late_key;
static uint64_t last_id;

/// Creates and ends a fiber after the thread's cache is gone, or before: destructors have no order.
static void create_late(void *unused) {
  (void)unused;
  uint64_t id;
  ft_record_release(create(&id));
}

static void *live_shortly(void *argument) {
  struct ft_record **handed_over = argument;
  pthread_setspecific(late_key, argument);
  if (*handed_over != NULL)
    ft_record_release(*handed_over); // of a thread that is gone
  uint64_t id;
  for (int i = 0; i < 3; i++)
    ft_record_release(create(&id));
  *handed_over = create(&id);
  ft_record_publish(*handed_over, id);
  last_id = id;
  return NULL;
}

int main(void) {
  printf("disorder %ld\n", count_disorder());
  printf("created %lu\n", ft_record_created());

  pthread_t threads[THREADS];
  pthread_barrier_init(&barrier, NULL, THREADS);
  for (size_t index = 0; index < THREADS; index++)
    pthread_create(&threads[index], NULL, hold, ids[index]);
  uint64_t lost = 0;
  for (size_t index = 0; index < THREADS; index++) {
    void *wrong;
    pthread_join(threads[index], &wrong);
    lost += (uint64_t)wrong;
  }
  qsort(ids, THREADS * FIBERS, sizeof ids[0][0], by_value);
  long equal = 0;
  for (size_t index = 1; index < THREADS * FIBERS; index++)
    equal += (&ids[0][0])[index] == (&ids[0][0])[index - 1];
  long seen, taken;
  count_records(&seen, &taken);
  printf("lost %lu\nequal %ld\nunended %ld\n", lost, equal, seen);
  printf("created %lu\n", ft_record_created());
  printf("highest %lu\n", ids[THREADS - 1][FIBERS - 1]);
  printf("kept %ld\n", taken);

  pthread_key_create(&late_key, create_late);
  struct ft_record *handed_over = NULL;
  for (int generation = 0; generation < GENERATIONS; generation++) {
    pthread_t thread;
    pthread_create(&thread, NULL, live_shortly, &handed_over);
    pthread_join(thread, NULL);
  }
  long kept = taken;
  count_records(&seen, &taken);
  printf("unended %ld\ngrown %ld\n", seen, taken - kept);
  printf("created %lu\n", ft_record_created());
  printf("highest %lu\n", last_id);
  return 0;
}
