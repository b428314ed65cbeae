// A runtime that uses nothing of FiberTrace but the header-only writer.

#include "CFiberTraceFixtures.h"

FT_REGISTRY_DEFINE(other_runtime_registry, "other runtime");

uint64_t fixture_publish(const char *name, uint64_t low, uint64_t base, uint64_t sp) {
  struct ft_record *record = ft_registry_acquire(&other_runtime_registry);
  if (record == NULL)
    return 0;
  record->name = (uint64_t)name;
  record->low = low;
  record->base = base;
  record->sp = sp;
  ft_registry_publish(&other_runtime_registry, record);
  return (uint64_t)record;
}

void fixture_retract(uint64_t record) {
  ft_registry_release(&other_runtime_registry, (struct ft_record *)record);
}

uint64_t fixture_registry(void) { return (uint64_t)&other_runtime_registry; }
