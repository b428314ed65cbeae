#include "recorder.h"
#include "system.h"

#include <linux/futex.h>
#include <stdatomic.h>

// 0: free, 1: taken, 2: taken and waited for. Not a pthread mutex: a handler gives it back where a body was left by longjmp.
static atomic_int state;

void ft_lock(void) {
  int expected = 0;
  if (atomic_compare_exchange_strong(&state, &expected, 1))
    return;
  while (atomic_exchange(&state, 2) != 0)
    ft_system(SYS_futex, (long)&state, FUTEX_WAIT_PRIVATE, 2, 0, 0, 0);
}

void ft_unlock(void) {
  if (atomic_exchange(&state, 0) == 2)
    ft_system(SYS_futex, (long)&state, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
}
