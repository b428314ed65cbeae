// What needs a stack that is aligned as the ABI says.

#include "CFiberTraceFixtures.h"

#include <stdalign.h>
#include <stdio.h>

__attribute__((noinline)) uint64_t fixture_frame_address(void) { return (uint64_t)__builtin_frame_address(0); }

__attribute__((noinline)) uint64_t fixture_misalignment(void) {
  alignas(128) volatile unsigned char local[128];
  local[0] = 1;
  // 16-byte moves, which trap where the compiler's assumption about rsp does not hold.
  alignas(16) volatile double pair[2] = {local[0], 2};
  return (uint64_t)local % 128 + (uint64_t)pair % 16;
}

double fixture_scan(const char *text) {
  double number = 0;
  int count = 0;
  return sscanf(text, "%lf %*[a-z] %d", &number, &count) == 2 ? number * count : -1;
}
