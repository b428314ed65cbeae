// Overflows a stack in strides of more than a page, and gives it a neighbour.

#define _GNU_SOURCE
#include "CFiberTraceFixtures.h"

#include <sys/mman.h>

void fixture_map_page(uint64_t address) {
  mmap((void *)address, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
}

// Not optimized: the recursion would become a loop in one frame.
__attribute__((optnone, noinline)) uint64_t fixture_recurse(uint64_t depth) {
  volatile unsigned char frame[20 * 1024];
  // The lowest byte.
  frame[0] = (unsigned char)depth;
  return (depth > 1 ? fixture_recurse(depth - 1) : 0) + frame[0];
}

// Not optimized: every page of the frame is written, from its end down.
__attribute__((optnone, noinline)) uint64_t fixture_fill(uint64_t bytes) {
  volatile unsigned char frame[bytes];
  for (uint64_t index = bytes; index > 0; index--)
    frame[index - 1] = 1;
  uint64_t sum = 0;
  for (uint64_t index = 0; index < bytes; index++)
    sum += frame[index];
  return sum;
}
