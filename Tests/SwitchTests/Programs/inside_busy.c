// A nested fiber that spends about two seconds of processor time and switches often, for a profiler to sample.

#include "inside_stack.h"

#include <time.h>

/// One of the profiler's places: work in a fiber.
__attribute__((noinline)) static unsigned long spin(unsigned long rounds) {
  unsigned long sum = 0;
  for (unsigned long i = 0; i < rounds; i++) {
    sum += i * i;
    __asm__ volatile("" : "+r"(sum));
  }
  return sum;
}

static void *inner(struct ft_record *record, void *value, void *argument) {
  (void)argument;
  for (;;)
    value = ft_suspend(record, (void *)spin((unsigned long)value));
}

static void *outer(struct ft_record *record, void *value, void *argument) {
  (void)argument;
  struct ft_record *child = make_fiber(inner, NULL, true);
  for (;;)
    value = ft_suspend(record, ft_resume(child, value));
}

/// Resumes from under main: at the first instructions of a function, which have no frame-pointer record yet, a frame-pointer
/// walk misses the caller.
__attribute__((noinline)) static unsigned long drive(struct ft_record *fiber) {
  unsigned long sum = 0;
  while (clock() < 2 * CLOCKS_PER_SEC)
    for (int i = 0; i < 100; i++) {
      sum += (unsigned long)ft_resume(fiber, (void *)2000);
      sum += (unsigned long)ft_resume(fiber, (void *)1);
    }
  return sum;
}

int main(void) {
  unsigned long sum = drive(make_fiber(outer, NULL, false));
  __asm__ volatile("" : "+r"(sum));
  return 0;
}
