#include "CFuzzer.h"

#include <sanitizer/allocator_interface.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test)(const uint8_t *data, size_t size));
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool counting;
static ptrdiff_t now, most;
static size_t allowance;
// Of all cases so far the one that took most memory.
static size_t greatest, greatest_size;

static void allocated(const volatile void *pointer, size_t size) {
  if (!counting || pointer == NULL) return;
  now += (ptrdiff_t)size;
  if (now > most) most = now;
}

static void freed(const volatile void *pointer) {
  if (counting && pointer != NULL) now -= (ptrdiff_t)__sanitizer_get_allocated_size((const void *)pointer);
}

void fuzzer_memory_begin(void) {
  now = most = 0;
  allowance = 0;
  counting = true;
}

size_t fuzzer_memory_end(size_t size) {
  counting = false;
  if ((size_t)most > greatest) {
    greatest = (size_t)most;
    greatest_size = size;
  }
  return (size_t)most;
}

void fuzzer_memory_allow(size_t size) {
  if (size > allowance) allowance = size;
}

size_t fuzzer_memory_allowance(void) { return allowance; }

static void report(void) {
  fprintf(stderr, "stat::most_memory_of_a_case: %zu bytes, for one of %zu\n", greatest, greatest_size);
}

void fuzzer_fail(const char *reason) {
  fprintf(stderr, "ReaderFuzzer: %s\n", reason);
  abort();
}

// SwiftPM has the entry point of an executable named after its module.
int ReaderFuzzer_main(int argc, char **argv) {
  atexit(report);
  __sanitizer_install_malloc_and_free_hooks(allocated, freed);
  return LLVMFuzzerRunDriver(&argc, &argv, LLVMFuzzerTestOneInput);
}
