// The handlers. They run with the trap flag clear, all signals blocked, on the alternate stack.
#define _GNU_SOURCE
#include "recorder.h"
#include "system.h"

#include <stdatomic.h>

enum { PAGE = 4096 };

void ft_general_registers(uint64_t *registers, const ucontext_t *context) {
  // By DWARF number (psABI, figure 3.36).
  static const unsigned char places[17] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8,
                                           REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
  for (int number = 0; number < 17; number++)
    registers[number] = (uint64_t)context->uc_mcontext.gregs[places[number]];
}

static struct ft_stepping_control control(const ucontext_t *context) {
  struct ft_stepping_control result = {0, 0, (context->uc_mcontext.gregs[REG_EFL] & FT_DIRECTION_FLAG) != 0};
  if (context->uc_mcontext.fpregs != NULL) {
    result.mxcsr = context->uc_mcontext.fpregs->mxcsr;
    result.x87 = context->uc_mcontext.fpregs->cwd;
  }
  return result;
}

// The bytes at pc, as many as are on its page, by a system call: where control goes by a wrong `ret` there may be nothing, and a
// page that was there may have been unmapped. A fault in here would end the process.
static int code(struct ft_recorder *recorder, uint64_t pc, unsigned char *bytes) {
  uint64_t left = PAGE - pc % PAGE;
  int count = left < 3 ? (int)left : 3;
  return ft_copy_in(recorder->process, bytes, pc, (size_t)count) == count ? count : 0;
}

static void look_ahead(struct ft_recorder *recorder, uint64_t pc) {
  unsigned char bytes[3];
  int count = code(recorder, pc, bytes);
  recorder->next = FT_PLAIN;
  if (count >= 2 && bytes[0] == 0x0f && bytes[1] == 0x05)
    recorder->next = FT_SYSTEM_CALL;
  // pushf, with an operand size or REX prefix.
  else if ((count >= 1 && bytes[0] == 0x9c) || (count >= 2 && (bytes[0] == 0x66 || (bytes[0] & 0xf0) == 0x40) && bytes[1] == 0x9c))
    recorder->next = FT_PUSHES_FLAGS;
}

static void stop(struct ft_recorder *recorder, ucontext_t *context) {
  context->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)FT_TRAP_FLAG;
  recorder->has_ended = true;
}

// False: a limit was met, which the result says.
static bool record(struct ft_recorder *recorder, const uint64_t *registers, bool has_memory) {
  struct ft_stepping *result = recorder->result;
  if (result->steps >= recorder->most_steps || recorder->traps > 64 * recorder->most_steps) {
    result->end = FT_STEPPING_STEP_LIMIT;
    return false;
  }
  if (!ft_log_step(recorder, registers, has_memory)) {
    result->end = FT_STEPPING_BYTE_LIMIT;
    return false;
  }
  return true;
}

// The trap behind a system call comes one instruction late: the kernel returns by iret, which sets the trap flag itself. What the
// instruction did is known but for rax, of which no row speaks.
static bool record_return_of_system_call(struct ft_recorder *recorder, uint64_t pc) {
  uint64_t between[17];
  for (int number = 0; number < 17; number++)
    between[number] = recorder->registers[number];
  between[FT_PC] += 2;
  if (pc == between[FT_PC])
    return true;
  between[2] = between[FT_PC];
  return record(recorder, between, false);
}

// A signal that is none of the recorder's: an int3 of the body's, or one that somebody has sent.
static void pass_on(struct ft_recorder *recorder, int number, siginfo_t *information, void *context) {
  uint64_t handler = recorder->trap_action.handler;
  if (handler == (uint64_t)SIG_IGN)
    return;
  if (handler == (uint64_t)SIG_DFL) {
    ft_set_action(SIGTRAP, &recorder->trap_action);
    // It is blocked until this handler returns.
    ft_system(SYS_tgkill, recorder->process, ft_thread_id(), SIGTRAP, 0, 0, 0);
    return;
  }
  ((void (*)(int, siginfo_t *, void *))handler)(number, information, context);
}

// The body was left by longjmp or an exception: nobody will come back to end the recording.
static void abandon(struct ft_recorder *recorder, ucontext_t *context) {
  stop(recorder, context);
  ft_give_back_signals(recorder);
  if (recorder->is_trap_blocked)
    *(uint64_t *)&context->uc_sigmask |= (uint64_t)1 << (SIGTRAP - 1);
  ft_system(SYS_munmap, (long)recorder->log, (long)recorder->result->mapped, 0, 0, 0, 0);
  ft_page_table_destroy(recorder->pages);
  recorder->owner = 0;
  ft_unlock();
}

void ft_on_trap(int number, siginfo_t *information, void *opaque) {
  struct ft_recorder *recorder = &ft_recorder;
  ucontext_t *context = opaque;
  greg_t *state = context->uc_mcontext.gregs;
  if (ft_thread_id() != recorder->owner || recorder->has_ended) {
    // A thread or process that the body has started has the flag of it.
    if (information->si_code == TRAP_TRACE)
      state[REG_EFL] &= ~(greg_t)FT_TRAP_FLAG;
    else
      pass_on(recorder, number, information, opaque);
    return;
  }
  uint64_t registers[17];
  ft_general_registers(registers, context);
  if (information->si_code != TRAP_TRACE) {
    // Behind int3 no trap comes.
    if (!record(recorder, registers, true))
      stop(recorder, context);
    pass_on(recorder, number, information, opaque);
    return;
  }
  struct ft_stepping *result = recorder->result;
  uint64_t pc = registers[FT_PC];
  recorder->traps++;
  if (result->steps == 0)
    result->control_before = control(context);
  if (recorder->next == FT_SYSTEM_CALL && result->steps > 0 && !record_return_of_system_call(recorder, pc))
    return stop(recorder, context);
  // Set by what the processor has pushed, which the body is not to see.
  if (recorder->next == FT_PUSHES_FLAGS && registers[FT_SP] + 8 == recorder->registers[FT_SP])
    *(uint64_t *)registers[FT_SP] &= ~(uint64_t)FT_TRAP_FLAG;
  if (pc == (uint64_t)ft_stepping_returned) {
    stop(recorder, context);
    result->control_after = control(context);
    if (record(recorder, registers, true))
      result->end = FT_STEPPING_RETURNED;
    return;
  }
  if (registers[FT_SP] > recorder->outside && registers[FT_SP] < recorder->outside_end)
    return abandon(recorder, context);
  // A repeated string instruction traps at each turn.
  if (pc != recorder->registers[FT_PC] || registers[FT_SP] != recorder->registers[FT_SP]) {
    if (!record(recorder, registers, true))
      return stop(recorder, context);
  } else if (recorder->traps > 64 * recorder->most_steps) {
    result->end = FT_STEPPING_STEP_LIMIT;
    return stop(recorder, context);
  }
  look_ahead(recorder, pc);
  if (recorder->next == FT_SYSTEM_CALL && ft_stand_in(recorder, context)) {
    ft_general_registers(registers, context);
    if (!record(recorder, registers, true))
      return stop(recorder, context);
    look_ahead(recorder, registers[FT_PC]);
  }
  // popf may have cleared it.
  state[REG_EFL] |= FT_TRAP_FLAG;
}

void ft_on_fault(int number, siginfo_t *information, void *opaque) {
  struct ft_recorder *recorder = &ft_recorder;
  ucontext_t *context = opaque;
  greg_t *state = context->uc_mcontext.gregs;
  if (ft_thread_id() != recorder->owner || recorder->process != ft_system(SYS_getpid, 0, 0, 0, 0, 0, 0)) {
    // Another thread's: it happens again, or is sent again, to whom it was meant for.
    for (int index = 0; index < FT_FAULT_COUNT; index++)
      if (ft_fault_signals[index] == number)
        ft_set_action(number, &recorder->fault_actions[index]);
    if (information->si_code <= 0)
      ft_system(SYS_tgkill, ft_system(SYS_getpid, 0, 0, 0, 0, 0, 0), ft_thread_id(), number, 0, 0, 0);
    return;
  }
  struct ft_stepping *result = recorder->result;
  stop(recorder, context);
  ft_general_registers(result->fault_registers, context);
  result->end = FT_STEPPING_FAULT;
  result->fault = number;
  result->fault_code = information->si_code;
  result->fault_address = (uint64_t)information->si_addr;
  state[REG_RIP] = (greg_t)ft_stepping_abandoned;
  state[REG_RSP] = (greg_t)ft_stepping_before[FT_SP];
  state[REG_RBP] = (greg_t)ft_stepping_before[FT_BP];
  state[REG_EFL] &= ~(greg_t)FT_DIRECTION_FLAG;
}
