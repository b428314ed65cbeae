// Memory of the contenders, and what CallCounters has counted.

#define _GNU_SOURCE
#include "CContenders.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { GUARD_SIZE = 0x1000 };

void *checked(void *memory) {
  if (memory == NULL || memory == MAP_FAILED) {
    perror("memory for the fibers");
    exit(1);
  }
  return memory;
}

char *stack_map(void) {
  char *memory = checked(mmap(NULL, GUARD_SIZE + STACK_SIZE, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0));
  if (mprotect(memory, GUARD_SIZE, PROT_NONE) != 0) {
    perror("guard of a stack");
    exit(1);
  }
  return memory + GUARD_SIZE;
}

void stack_unmap(char *low) { munmap(low - GUARD_SIZE, GUARD_SIZE + STACK_SIZE); }

bool call_counts_read(struct call_counts *counts) {
  void (*read)(long *, long *) = (void (*)(long *, long *))dlsym(RTLD_DEFAULT, "call_counters_read");
  if (read == NULL)
    return false;
  read(&counts->allocations, &counts->locks);
  return true;
}
