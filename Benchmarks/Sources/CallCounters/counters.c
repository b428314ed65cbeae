// The functions that are counted stand before libc's for the whole program, and call libc's.

#define _GNU_SOURCE
#include "CallCounters.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>

static long allocations, locks;

void call_counters_read(long *allocation_count, long *lock_count) {
  *allocation_count = __atomic_load_n(&allocations, __ATOMIC_RELAXED);
  *lock_count = __atomic_load_n(&locks, __ATOMIC_RELAXED);
}

static void count(long *counter) { __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED); }

// glibc's own names for its allocator, which need no dlsym (dlsym allocates).
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

void *malloc(size_t size) {
  count(&allocations);
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count(&allocations);
  return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
  count(&allocations);
  return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
  count(&allocations);
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
  void *aligned = memalign(alignment, size);
  if (aligned == NULL)
    return ENOMEM;
  *memory = aligned;
  return 0;
}

void free(void *memory) {
  count(&allocations);
  __libc_free(memory);
}

#define COUNTED_LOCK(name, type)                                                                                       \
  int name(type *lock) {                                                                                               \
    static int (*next)(type *);                                                                                        \
    if (next == NULL)                                                                                                  \
      next = (int (*)(type *))dlsym(RTLD_NEXT, #name);                                                                 \
    count(&locks);                                                                                                     \
    return next(lock);                                                                                                 \
  }

COUNTED_LOCK(pthread_mutex_lock, pthread_mutex_t)
COUNTED_LOCK(pthread_mutex_trylock, pthread_mutex_t)
COUNTED_LOCK(pthread_rwlock_rdlock, pthread_rwlock_t)
COUNTED_LOCK(pthread_rwlock_wrlock, pthread_rwlock_t)
