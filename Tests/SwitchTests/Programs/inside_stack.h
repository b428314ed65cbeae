// Stacks at chosen places, and fibers on them.
#ifndef INSIDE_STACK_H
#define INSIDE_STACK_H

#include "CFiberAsm.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { STACK_SIZE = 0x40000 };

/// The lowest address of a new stack above `high`, or below `low`, as near to the end of memory or to `high` as is free.
/// `low` and `high` bound the resumer's stack.
static inline uint64_t map_stack(bool above, uint64_t low, uint64_t high) {
  const uint64_t memory_low = 0x100000000, memory_high = 0x7ffffffff000, stride = STACK_SIZE;
  low &= ~(stride - 1);
  high = (high + stride - 1) & ~(stride - 1);
  for (int i = 1; i < 1024; i++) {
    uint64_t address = above ? high + (uint64_t)i * stride : low - (uint64_t)i * stride;
    if (address < memory_low || address + STACK_SIZE > memory_high)
      break;
    void *memory = mmap((void *)address, STACK_SIZE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (memory != MAP_FAILED)
      return address;
  }
  fprintf(stderr, "no free memory %s %#lx for a fiber's stack\n", above ? "above" : "below", above ? high : low);
  exit(2);
}

/// A fiber on a new stack above or below the calling function's.
static inline struct ft_record *make_fiber(ft_fiber_entry entry, void *argument, bool above) {
  struct ft_record *record = ft_registry_acquire(&ft_fiber_registry);
  if (record == NULL) {
    fprintf(stderr, "no memory for the registry\n");
    exit(2);
  }
  // The main thread's stack may be 8 MiB and more, a thread's is: keep clear of what lies below. Above, the least distance: the
  // system places the main thread's stack as little as that below the end of memory, if seldom.
  uint64_t here = (uint64_t)__builtin_frame_address(0);
  uint64_t low = map_stack(above, here - 0x10000000, here);
#ifndef UNTOLD
  ft_stack_begin(low, low + STACK_SIZE);
#endif
  uint64_t id = ft_registry_next_id(&ft_fiber_registry);
  ft_fiber_init(record, low, low + STACK_SIZE, ft_stack_base(low, low + STACK_SIZE, id), entry, argument);
  ft_record_publish(record, id);
  return record;
}

#endif
