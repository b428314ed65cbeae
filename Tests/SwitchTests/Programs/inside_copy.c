// A library with its own copy of the switch and the registry. NAME is its one exported function.

#include "inside_stack.h"

static void *body(struct ft_record *record, void *value, void *argument) {
  (void)argument;
  for (int i = 0; i < 2; i++)
    value = ft_suspend(record, (void *)((uint64_t)value + NUMBER));
  return (void *)((uint64_t)value + NUMBER);
}

/// Runs a fiber of this copy to its end. Answers the head of this copy's registry; `sum` gets 3 * NUMBER.
__attribute__((visibility("default"))) struct ft_registry *NAME(uint64_t *sum) {
  struct ft_record *fiber = make_fiber(body, NULL, false);
  void *value = NULL;
  for (int i = 0; i < 3; i++)
    value = ft_resume(fiber, value);
  *sum = (uint64_t)value;
  return &ft_fiber_registry;
}
