// Why a fiber is suspended, read while another thread may resume it.

#include "CFiberAsm.h"

// Other threads write the record, and the stack, while they are read here: the count tells.
__attribute__((no_sanitize("thread", "address"))) const char *ft_record_wait(const struct ft_record *record, uint64_t *room) {
  uint64_t before = __atomic_load_n(&record->count, __ATOMIC_ACQUIRE);
  uint64_t wait = __atomic_load_n(&record->wait, __ATOMIC_ACQUIRE);
  if (wait == 0 || before % 2 != 0)
    return NULL;
  // A reason of one character stands in a word on the fiber's own stack, whose memory stays as long as the record.
  int is_on_stack = wait - record->low < record->base - record->low;
  if (is_on_stack)
    *room = __atomic_load_n((const uint64_t *)wait, __ATOMIC_ACQUIRE);
  if (__atomic_load_n(&record->count, __ATOMIC_RELAXED) != before)
    return NULL;
  return is_on_stack ? (const char *)room : (const char *)wait;
}
