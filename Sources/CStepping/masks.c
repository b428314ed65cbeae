// System calls that would take SIGTRAP away from the recorder: a trap whose signal is blocked or has no handler ends the process
// (force_sig_info_to_task in the kernel). libc blocks all signals for a moment in pthread_create, posix_spawn and abort. They are
// carried out for the body here, as if SIGTRAP were its own.
#define _GNU_SOURCE
#include "recorder.h"
#include "system.h"

#include <errno.h>

static const uint64_t trap_bit = (uint64_t)1 << (SIGTRAP - 1);
// SIGKILL and SIGSTOP cannot be blocked.
static const uint64_t never_blocked = (uint64_t)1 << (SIGKILL - 1) | (uint64_t)1 << (SIGSTOP - 1);

static long change_mask(struct ft_recorder *recorder, ucontext_t *context, const greg_t *registers) {
  uint64_t address = (uint64_t)registers[REG_RSI];
  uint64_t old_address = (uint64_t)registers[REG_RDX];
  if (registers[REG_R10] != 8)
    return -EINVAL;
  // What the kernel gives back when the handler returns. glibc's type is longer than the kernel's.
  uint64_t *mask = (uint64_t *)&context->uc_sigmask;
  uint64_t old = *mask | (recorder->is_trap_blocked ? trap_bit : 0);
  uint64_t new = old;
  if (address != 0) {
    uint64_t set;
    if (ft_copy_in(recorder->process, &set, address, sizeof set) != sizeof set)
      return -EFAULT;
    switch ((int)registers[REG_RDI]) {
    case SIG_BLOCK: new = old | set; break;
    case SIG_UNBLOCK: new = old & ~set; break;
    case SIG_SETMASK: new = set; break;
    default: return -EINVAL;
    }
    new &= ~never_blocked;
  }
  *mask = new & ~trap_bit;
  recorder->is_trap_blocked = (new & trap_bit) != 0;
  if (old_address != 0 && ft_copy_out(recorder->process, old_address, &old, sizeof old) != sizeof old)
    return -EFAULT;
  return 0;
}

static long change_trap_action(struct ft_recorder *recorder, const greg_t *registers) {
  uint64_t address = (uint64_t)registers[REG_RSI];
  uint64_t old_address = (uint64_t)registers[REG_RDX];
  if (registers[REG_R10] != 8)
    return -EINVAL;
  struct ft_kernel_action old = recorder->trap_action;
  if (address != 0) {
    struct ft_kernel_action new;
    if (ft_copy_in(recorder->process, &new, address, sizeof new) != sizeof new)
      return -EFAULT;
    recorder->trap_action = new;
  }
  if (old_address != 0 && ft_copy_out(recorder->process, old_address, &old, sizeof old) != sizeof old)
    return -EFAULT;
  return 0;
}

bool ft_stand_in(struct ft_recorder *recorder, ucontext_t *context) {
  greg_t *registers = context->uc_mcontext.gregs;
  long result;
  if (registers[REG_RAX] == SYS_rt_sigprocmask) {
    result = change_mask(recorder, context, registers);
  } else if (registers[REG_RAX] == SYS_rt_sigaction && (int)registers[REG_RDI] == SIGTRAP) {
    result = change_trap_action(recorder, registers);
  } else {
    return false;
  }
  registers[REG_RAX] = result;
  // What the instruction itself does: two bytes, rcx and r11.
  registers[REG_RIP] += 2;
  registers[REG_RCX] = registers[REG_RIP];
  registers[REG_R11] = registers[REG_EFL] & ~FT_TRAP_FLAG;
  return true;
}
