// Counts allocations of each thread: these definitions take the place of libc's in the test program and its libraries.

#include "CFiberTraceFixtures.h"

#include <errno.h>
#include <stdlib.h>

static __thread uint64_t allocations __attribute__((tls_model("initial-exec")));

// Sanitizers have definitions of their own, which these would displace.
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) {
  allocations++;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  allocations++;
  return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
  allocations++;
  return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  allocations++;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  allocations++;
  *memory = __libc_memalign(alignment, size);
  return *memory != NULL ? 0 : ENOMEM;
}

bool fixture_counts_allocations(void) { return true; }

#else

bool fixture_counts_allocations(void) { return false; }

#endif

uint64_t fixture_allocations(void) { return allocations; }

void fixture_allocate(void) {
  // Volatile, so that no optimizer leaves the pair out.
  void *volatile memory = malloc(16);
  free(memory);
}
