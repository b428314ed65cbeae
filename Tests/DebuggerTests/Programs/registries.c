// Two registries in one process. Ours has a fiber that has not started. The other runtime's switch pushes six registers
// on top of the return address; it has a suspended fiber with the same id, and one whose registers lie outside of memory.
#include <CFiberAsm.h>
#include <stdio.h>
#include <unistd.h>

FT_REGISTRY_DEFINE(other_registry, "other");

static uint64_t other_stack[512] __attribute__((aligned(4096)));

__attribute__((noinline)) int other_function(int value) {
  __asm__ volatile("" : "+r"(value));
  return value + 1;
}

static void *body(struct ft_record *record, void *value, void *argument) {
  (void)record, (void)argument;
  return value;
}

static void create_other(const char *name, uint64_t sp, uint64_t low, uint64_t high) {
  struct ft_record *record = ft_registry_acquire(&other_registry);
  record->low = low;
  record->base = high;
  record->sp = sp;
  record->count = 2;
  record->name = (uint64_t)name;
  ft_registry_publish(&other_registry, record);
}

int main(void) {
  static char stack[1 << 16] __attribute__((aligned(4096)));
  struct ft_record *record = ft_registry_acquire(&ft_fiber_registry);
  uint64_t id = ft_registry_next_id(&ft_fiber_registry);
  uint64_t low = (uint64_t)stack, high = low + sizeof stack;
  ft_fiber_init(record, low, high, ft_stack_base(low, high, id), body, NULL);
  ft_record_publish(record, id);

  other_registry.saved_bp_offset = 40;
  other_registry.saved_pc_offset = 48;
  other_registry.saved_sp_add = 56;
  // As if the first instruction of other_function were the call that suspended it; above that the stack ends.
  other_stack[406] = (uint64_t)other_function + 1;
  create_other("pushed", (uint64_t)&other_stack[400], (uint64_t)other_stack, (uint64_t)&other_stack[511]);
  create_other("nowhere", 0x7000, 0x6000, 0x8000);
  puts("ready");
  fflush(stdout);
  for (;;)
    pause();
}
