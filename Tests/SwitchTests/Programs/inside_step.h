// Stepping by the trap flag: at each instruction of the switch, every walker's whole list is compared with the truth.
#ifndef INSIDE_STEP_H
#define INSIDE_STEP_H

#include "inside_check.h"

#include <signal.h>
#include <ucontext.h>

static struct strand *strand_of(uint64_t record);

/// The instructions that switch, one in resume and one in each suspend, given on the command line from a disassembly.
static uint64_t resume_switch, suspend_switch, suspend_called_switch;

static uint64_t switch_low, switch_high; // the text of fiber_x86_64.S
static unsigned char *stepped;           // one for each byte of that text
static long boundary_count;

/// Instructions of ft_suspend in its callers, and those behind it, that have been stepped.
static struct {
  uint64_t pc;
  int offset;
} inlined[64];
static int inlined_count;

/// Where `pc` stands in the assembly of ft_suspend, in bytes from its start to its end inclusive; -1 for other code.
static int inlined_offset(uint64_t pc) {
  // lea 10(%rip), %rcx; mov %rcx, -8(%rsp); jmp
  static const char code[] = "\x48\x8d\x0d\x0a\x00\x00\x00\x48\x89\x4c\x24\xf8\xe9";
  static const int offsets[] = {0, 7, 12, 17};
  const struct function *function = function_at(pc);
  for (size_t i = 0; function != NULL && i < sizeof offsets / sizeof *offsets; i++)
    if (pc - function->low >= (uint64_t)offsets[i] && memcmp((const char *)pc - offsets[i], code, sizeof code - 1) == 0)
      return offsets[i];
  return -1;
}

static void note_inlined(uint64_t pc, int offset) {
  for (int i = 0; i < inlined_count; i++)
    if (inlined[i].pc == pc)
      return;
  if (inlined_count < (int)(sizeof inlined / sizeof *inlined)) {
    inlined[inlined_count].pc = pc;
    inlined[inlined_count].offset = offset;
    inlined_count++;
  }
}

/// What the handler remembers of the instruction before.
static uint64_t previous_pc, previous_record;
/// Whether the function that executes has a frame-pointer record of its own: from `mov %rsp, %rbp` or `lea -16(%rsp), %rbp`
/// on, to `mov (%rbp), %rbp` or `pop %rbp`.
static bool framed;

/// Takes note of what the instruction before `pc` did.
static void follow(uint64_t pc) {
  if (previous_pc == resume_switch) {
    struct strand *fiber = strand_of(previous_record);
    fiber->resumer = running;
    running = fiber;
  } else if (previous_pc == suspend_switch || previous_pc == suspend_called_switch) {
    struct strand *fiber = running;
    running = fiber->resumer;
    fiber->resumer = NULL;
  }
  const struct function *function = function_at(pc);
  if (function == NULL)
    return;
  if (previous_pc < function->low || previous_pc >= function->high) {
    // Entered, or come back to: nothing comes back to the first instruction.
    framed = pc != function->low;
    return;
  }
  const unsigned char *code = (const unsigned char *)previous_pc;
  if (memcmp(code, "\x48\x89\xe5", 3) == 0 || memcmp(code, "\x48\x8d\x6c\x24\xf0", 5) == 0) // mov, lea
    framed = true;
  else if (memcmp(code, "\x48\x8b\x6d", 3) == 0 || code[0] == 0x5d) // mov (%rbp), %rbp; pop %rbp
    framed = false;
}

/// The truth at `pc`, an instruction of the switch or of ft_suspend in its caller.
static void list_at(struct list *list, uint64_t pc) {
  const char *name = name_at(pc);
  list->count = 0;
  if (strcmp(name, "ft_fiber_resume") == 0 || strcmp(name, "ft_fiber_suspend") == 0 ||
      strcmp(name, "ft_fiber_suspend_called") == 0 ||
      strcmp(name, "ft_fiber_init") == 0 || strcmp(name, "ft_shadow_stack_enabled") == 0)
    append(list, name);
  // The base function, the entry points in the C convention and the callers of ft_suspend are on the strands themselves.
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
  int offset = inlined_offset(pc);
  if (switch_low <= pc && pc < switch_high)
    stepped[pc - switch_low] = 1;
  else if (offset >= 0)
    note_inlined(pc, offset);
  else
    return;
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
