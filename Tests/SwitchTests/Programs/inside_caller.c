// A caller of the raw symbol: with preserve_none its arguments go to r12 and r13; without, it does not compile.
// With -DWRAPPED it calls the wrapper, as every compiler may.

#include "inside_stack.h"

__attribute__((noinline)) void *call_switch(struct ft_record *record, void *value) {
#ifdef WRAPPED
  value = ft_resume(record, value);
#else
  value = ft_fiber_resume(record, value);
#endif
  __asm__ volatile("");
  return value;
}

static void *body(struct ft_record *record, void *value, void *argument) {
  value = ft_suspend(record, (void *)((uint64_t)value + 1));
  return (void *)((uint64_t)value + (uint64_t)argument);
}

int main(void) {
  struct ft_record *fiber = make_fiber(body, (void *)5, false);
  uint64_t first = (uint64_t)call_switch(fiber, (void *)10);
  uint64_t second = (uint64_t)call_switch(fiber, (void *)20);
  printf("%lu %lu\n", first, second);
  return 0;
}
