// Memory that a program leaves out of cores, and pages that cannot be read. Prints the addresses of three pages of 0x5a (ordinary; left
// out; that nobody may read), then waits to be killed. A fiber stands on a stack that is left out, too.

#define _GNU_SOURCE
#include <CFiberAsm.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { page = 4096, stack_size = 1 << 16 };

static char *filled(size_t size) {
  // Apart from its neighbours, which would make one mapping with it.
  char *memory = mmap(NULL, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(memory + page, size, PROT_READ | PROT_WRITE);
  memset(memory + page, 0x5a, page);
  return memory + page;
}

static void *waiting(struct ft_record *record, void *value, void *argument) {
  (void)argument;
  for (;;)
    value = ft_suspend(record, value);
}

int main(void) {
  char *ordinary = filled(page), *left_out = filled(page), *hidden = filled(page), *stack = filled(stack_size);
  madvise(left_out, page, MADV_DONTDUMP);
  madvise(stack, stack_size, MADV_DONTDUMP);
  mprotect(hidden, page, PROT_NONE);
  struct ft_record *record = ft_registry_acquire(&ft_fiber_registry);
  uint64_t id = ft_registry_next_id(&ft_fiber_registry), low = (uint64_t)stack, high = low + stack_size;
  ft_fiber_init(record, low, high, ft_stack_base(low, high, id), waiting, NULL);
  ft_record_publish(record, id);
  ft_resume(record, NULL);
  printf("%lx %lx %lx\n", (uint64_t)ordinary, (uint64_t)left_out, (uint64_t)hidden);
  fflush(stdout);
  for (;;)
    pause();
}
