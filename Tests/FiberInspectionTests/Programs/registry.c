/* A library with a registry of its own, in which one fiber that was never resumed appears when it is loaded. */
#include "FiberTraceRegistry.h"

FT_REGISTRY_DEFINE(library_registry, "a library");

__attribute__((constructor)) static void loaded(void) {
  static uint64_t stack[512];
  struct ft_record *record = ft_registry_acquire(&library_registry);
  record->low = (uint64_t)stack;
  record->base = record->sp = (uint64_t)(stack + 400);
  record->name = (uint64_t)"from a library";
  ft_registry_publish(&library_registry, record);
}
