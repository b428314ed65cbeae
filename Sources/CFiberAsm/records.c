// Records and ids of this copy's own fibers, through a cache for each thread: in the steady state no locked instruction, and no
// word that another thread writes.
//
// A cache belongs to one thread at a time. When the thread ends, the next thread that creates a fiber takes it over, with the
// records and ids in it. So there are as many caches as threads have had fibers at one time, however many come and go, and no
// record or id is lost.

#include "CFiberAsm.h"

#include <pthread.h>
#include <stdlib.h>

#ifdef FT_SANITIZED
FT_HIDDEN void ft_fiber_is_released(struct ft_record *FT_NONNULL record); // sanitizers.c
#endif

// Records go to and from the registry a batch at a time: a thread that creates and ends fibers in turn never gets there.
enum { RECORD_LIMIT = 32, RECORD_BATCH = 16, ID_BATCH = 64 };

struct cache {
  // Records that may be kept, RECORD_LIMIT, and those that are: taken from the registry, unseen by readers.
  uint32_t limit, count;
  uint64_t next_id, ids_end;
  // Fibers created in all. Other threads read it.
  uint64_t created;
  struct cache *next;
  int is_taken;
  struct ft_record *records[RECORD_LIMIT];
};

static struct cache *caches;
// Fibers created without a cache.
static uint64_t created_apart;

// What stands for a thread's cache before it has one, and after it has given it up: there is nothing in it, and no room.
static struct cache no_cache, no_cache_any_more;
static __thread struct cache *own __attribute__((tls_model("initial-exec"))) = &no_cache;

static pthread_key_t key;
static int has_key;

/// At a thread's end.
static void give_up(void *cache) {
  // What other destructors of this thread create and end now goes to the registry itself.
  own = &no_cache_any_more;
  __atomic_store_n(&((struct cache *)cache)->is_taken, 0, __ATOMIC_RELEASE);
}

static void create_key(void) { has_key = pthread_key_create(&key, give_up) == 0; }

// A library that is unloaded takes `give_up` with it.
__attribute__((destructor)) static void delete_key(void) {
  if (has_key)
    pthread_key_delete(key);
}

/// A cache that no other thread has, NULL if there is no memory for one.
static struct cache *take_cache(void) {
  struct cache *cache = __atomic_load_n(&caches, __ATOMIC_ACQUIRE);
  for (; cache != NULL; cache = cache->next) {
    int is_taken = 0;
    if (__atomic_compare_exchange_n(&cache->is_taken, &is_taken, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
      return cache;
  }
  if ((cache = calloc(1, sizeof *cache)) == NULL)
    return NULL;
  cache->limit = RECORD_LIMIT;
  cache->is_taken = 1;
  cache->next = __atomic_load_n(&caches, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(&caches, &cache->next, cache, 1, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
  }
  return cache;
}

/// The calling thread's cache, now taken if it has none; `no_cache_any_more` if it can have none.
static struct cache *claim_cache(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  if (own != &no_cache)
    return own;
  struct cache *cache = pthread_once(&once, create_key) == 0 && has_key ? take_cache() : NULL;
  if (cache != NULL && pthread_setspecific(key, cache) != 0) {
    __atomic_store_n(&cache->is_taken, 0, __ATOMIC_RELEASE);
    cache = NULL;
  }
  return own = cache != NULL ? cache : &no_cache_any_more;
}

__attribute__((noinline)) static struct ft_record *acquire_slowly(uint64_t *id) {
  struct cache *cache = claim_cache();
  if (cache->limit == 0) {
    struct ft_record *record = ft_registry_acquire(&ft_fiber_registry);
    if (record != NULL) {
      *id = ft_registry_next_id(&ft_fiber_registry);
      __atomic_fetch_add(&created_apart, 1, __ATOMIC_RELAXED);
    }
    return record;
  }
  if (cache->count == 0) {
    while (cache->count < RECORD_BATCH && (cache->records[cache->count] = ft_registry_acquire(&ft_fiber_registry)) != NULL)
      cache->count++;
    if (cache->count == 0)
      return NULL;
    // The first that was found is the first to be used.
    for (uint32_t low = 0, high = cache->count - 1; low < high; low++, high--) {
      struct ft_record *record = cache->records[low];
      cache->records[low] = cache->records[high];
      cache->records[high] = record;
    }
  }
  if (cache->next_id == cache->ids_end) {
    cache->next_id = __atomic_fetch_add(&ft_fiber_registry.next_id, ID_BATCH, __ATOMIC_RELAXED);
    cache->ids_end = cache->next_id + ID_BATCH;
  }
  return ft_record_acquire(id);
}

// Not inlined, by a link-time optimizer either: a caller that moves between threads would keep the address of the cache.
__attribute__((noinline)) struct ft_record *ft_record_acquire(uint64_t *id) {
  struct cache *cache = own;
  if (cache->count == 0 || cache->next_id == cache->ids_end)
    return acquire_slowly(id);
  *id = cache->next_id++;
  // Not an increment that is atomic: no other thread writes it.
  __atomic_store_n(&cache->created, cache->created + 1, __ATOMIC_RELAXED);
  return cache->records[--cache->count];
}

__attribute__((noinline)) static void release_slowly(struct ft_record *record) {
  struct cache *cache = claim_cache();
  if (cache->limit == 0) {
#ifdef FT_SANITIZED
    ft_fiber_is_released(record);
#endif
    return ft_registry_release(&ft_fiber_registry, record);
  }
  if (cache->count == cache->limit) {
    for (; cache->count > RECORD_LIMIT - RECORD_BATCH; cache->count--)
      ft_registry_release(&ft_fiber_registry, cache->records[cache->count - 1]);
  }
  ft_record_release(record);
}

// Not inlined, as above.
__attribute__((noinline)) void ft_record_release(struct ft_record *record) {
  struct cache *cache = own;
  if (cache->count == cache->limit)
    return release_slowly(record);
#ifdef FT_SANITIZED
  ft_fiber_is_released(record);
#endif
  ft_record_hide(record);
  // The rest is written by ft_fiber_init, before readers see the record again.
  record->name = record->wait = record->creator = 0;
  cache->records[cache->count++] = record;
}

uint64_t ft_record_created(void) {
  uint64_t created = __atomic_load_n(&created_apart, __ATOMIC_RELAXED);
  struct cache *cache = __atomic_load_n(&caches, __ATOMIC_ACQUIRE);
  for (; cache != NULL; cache = cache->next)
    created += __atomic_load_n(&cache->created, __ATOMIC_RELAXED);
  return created;
}
