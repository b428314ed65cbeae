// Stepping by the trap flag: at each instruction of the switch, every walker's whole list is compared with the truth.
#ifndef INSIDE_STEP_H
#define INSIDE_STEP_H

#include "inside_check.h"

#include <signal.h>
#include <ucontext.h>

static struct strand *strand_of(uint64_t record);

/// The instructions that switch, one in resume and one in suspend, given on the command line from a disassembly.
static uint64_t resume_switch, suspend_switch;

static uint64_t switch_low, switch_high; // the text of fiber_x86_64.S
static unsigned char *stepped;           // one for each byte of that text
static long boundary_count;

/// What the handler remembers of the instruction before.
static uint64_t previous_pc, previous_record;
/// Whether the function of the switch that executes has a frame-pointer record of its own: from `mov %rsp, %rbp` on, to
/// `mov (%rbp), %rbp` or `pop %rbp`.
static bool framed;

/// Takes note of what the instruction before `pc` did.
static void follow(uint64_t pc) {
  if (previous_pc == resume_switch) {
    struct strand *fiber = strand_of(previous_record);
    fiber->resumer = running;
    running = fiber;
  } else if (previous_pc == suspend_switch) {
    struct strand *fiber = running;
    running = fiber->resumer;
    fiber->resumer = NULL;
  }
  const struct function *function = function_at(pc);
  if (function == NULL)
    return;
  if (previous_pc < function->low || previous_pc >= function->high) {
    // Called, or come back to: only a call arrives at the first instruction.
    framed = pc != function->low;
    return;
  }
  const unsigned char *code = (const unsigned char *)previous_pc;
  if (code[0] == 0x48 && code[1] == 0x89 && code[2] == 0xe5) // mov %rsp, %rbp
    framed = true;
  else if (memcmp(code, "\x48\x8b\x6d", 3) == 0 || code[0] == 0x5d) // mov (%rbp), %rbp; pop %rbp
    framed = false;
}

/// The truth at `pc`, an instruction of the switch.
static void list_at(struct list *list, uint64_t pc) {
  const char *name = name_at(pc);
  list->count = 0;
  if (strcmp(name, "ft_fiber_resume") == 0 || strcmp(name, "ft_fiber_suspend") == 0 ||
      strcmp(name, "ft_fiber_init") == 0 || strcmp(name, "ft_shadow_stack_enabled") == 0)
    append(list, name);
  // The base function and the entry points in the C convention are on the strands themselves.
  append_strands(list, running);
}

#define CHECK_HANDLER_WALK(walker, walk)                                                                               \
  do {                                                                                                                 \
    walk;                                                                                                              \
    int interrupted = 0;                                                                                               \
    while (interrupted < trace.count && interrupted < 8 && trace.pcs[interrupted] != pc)                               \
      interrupted++;                                                                                                   \
    drop(&trace, interrupted);                                                                                         \
    if (trace.count > 0)                                                                                               \
      trace.exact[0] = true;                                                                                           \
    compare(place, walker, &trace, &list);                                                                             \
  } while (0)

static void on_trap(int signal, siginfo_t *information, void *argument) {
  (void)signal, (void)information;
  static struct trace trace;
  const ucontext_t *context = argument;
  uint64_t pc = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
  follow(pc);
  previous_pc = pc;
  previous_record = (uint64_t)context->uc_mcontext.gregs[REG_R12];
  if (pc < switch_low || pc >= switch_high)
    return;
  stepped[pc - switch_low] = 1;
  boundary_count++;

  char place[128];
  const struct function *function = function_at(pc);
  snprintf(place, sizeof place, "%s+%#lx", name_at(pc), function != NULL ? pc - function->low : pc);
  struct list list;
  list_at(&list, pc);
#ifdef LIBUNWIND
  walk_context(&trace, context);
  compare(place, STEP_CONTEXT, &trace, &list);
  CHECK_HANDLER_WALK(STEP, walk_step(&trace));
  CHECK_HANDLER_WALK(BACKTRACE, walk_backtrace(&trace));
#else
  CHECK_HANDLER_WALK(LIBGCC, walk_libgcc(&trace));
#endif
  if (walker_applies(FRAME_POINTERS)) {
    if (!framed)
      miss_caller(&list);
    walk_frame_pointers(&trace, pc, (uint64_t)context->uc_mcontext.gregs[REG_RBP]);
    compare(place, FRAME_POINTERS, &trace, &list);
  }
}

/// Makes the handler run on an alternate stack, or on the interrupted one (a fiber's, then).
static void install_trap_handler(bool alternate) {
  static char memory[0x40000];
  stack_t stack = {.ss_sp = memory, .ss_size = sizeof memory};
  struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | (alternate ? SA_ONSTACK : 0)};
  if (sigaltstack(&stack, NULL) != 0 || sigaction(SIGTRAP, &action, NULL) != 0) {
    perror("sigaction");
    exit(2);
  }
}

static inline __attribute__((always_inline)) void set_trap_flag(bool on) {
  unsigned long long flags = __builtin_ia32_readeflags_u64();
  __builtin_ia32_writeeflags_u64(on ? flags | 0x100 : flags & ~0x100ULL);
}

#endif
