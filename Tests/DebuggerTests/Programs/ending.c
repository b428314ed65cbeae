// A fiber that ends between two moments at which a debugger looks, and whose record then serves another fiber.
//
// Stops are the functions of that name: a debugger breaks there.

#include <stdlib.h>

#define UNTOLD // no stacks.c: valgrind is not asked
#include "../../SwitchTests/Programs/inside_stack.h"

__attribute__((noinline)) void suspended_stop(void) { __asm__ volatile(""); }
__attribute__((noinline)) void finished_stop(void) { __asm__ volatile(""); }
__attribute__((noinline)) void gone_stop(void) { __asm__ volatile(""); }
__attribute__((noinline)) void replaced_stop(void) { __asm__ volatile(""); }

static void *short_body(struct ft_record *record, void *value, void *argument) {
  (void)argument;
  return (char *)ft_suspend(record, value) + 1;
}

int main(void) {
  struct ft_record *record = make_fiber(short_body, NULL, false);
  record->name = (uint64_t)"short";
  ft_resume(record, NULL);
  suspended_stop();
  ft_resume(record, NULL);
  finished_stop();
  ft_registry_release(&ft_fiber_registry, record);
  gone_stop();
  struct ft_record *other = make_fiber(short_body, NULL, false);
  other->name = (uint64_t)"other";
  ft_resume(other, NULL);
  replaced_stop();
  // The same record: what a debugger has kept of the first fiber must not pass for this one.
  return other == record ? EXIT_SUCCESS : EXIT_FAILURE;
}
