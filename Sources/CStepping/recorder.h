// What the parts of the recorder share. There is one recorder in a process: signal actions belong to the process.
#ifndef FT_STEPPING_RECORDER_H
#define FT_STEPPING_RECORDER_H

#include "CStepping.h"

#include <signal.h>
#include <stdbool.h>
#include <ucontext.h>

// In a dynamic library the handlers would else reach each other through the dynamic linker, which may be what is being stepped.
#pragma GCC visibility push(hidden)

enum { FT_TRAP_FLAG = 0x100, FT_DIRECTION_FLAG = 0x400, FT_PC = 16, FT_SP = 7, FT_BP = 6 };

// What the kernel keeps of a signal's action (arch/x86/include/uapi/asm/signal.h).
struct ft_kernel_action {
  uint64_t handler;
  uint64_t flags;
  uint64_t restorer;
  uint64_t mask;
};

// Signals that end a body where nobody handles them.
enum { FT_FAULT_COUNT = 4 };
extern const int ft_fault_signals[FT_FAULT_COUNT];

struct ft_recorder {
  // A thread id, 0 while nobody records. The handler acts for this thread only.
  volatile int owner;
  volatile int process;
  struct ft_stepping *result;
  // The body was seen to return, or a limit was met.
  volatile bool has_ended;

  uint64_t *log;
  uint64_t log_capacity;
  uint64_t most_steps;
  uint64_t traps;
  // What the last record has, and what the stacks held then.
  uint64_t registers[17];
  struct ft_page_table *pages;
  // rsp where the stack that control came from was left.
  uint64_t other_sp;

  // rsp beyond this, and below the other, is outside of the call.
  uint64_t outside;
  uint64_t outside_end;

  // What stands at the pc of the last record.
  enum { FT_PLAIN, FT_PUSHES_FLAGS, FT_SYSTEM_CALL } next;

  // SIGTRAP as the body sees it.
  struct ft_kernel_action trap_action;
  bool is_trap_blocked;
  struct ft_kernel_action fault_actions[FT_FAULT_COUNT];
  bool catches[FT_FAULT_COUNT];
};

extern struct ft_recorder ft_recorder;

// call.S. Answers 0 when the body has returned, 1 when it was abandoned.
int ft_stepping_call(void (*body)(void *), void *context);
extern const char ft_stepping_call_site[], ft_stepping_returned[], ft_stepping_abandoned[], ft_stepping_call_end[];
// Registers by DWARF number that call.S has stored.
extern uint64_t ft_stepping_before[17], ft_stepping_after[17];

// trap.c
void ft_on_trap(int number, siginfo_t *information, void *context);
void ft_on_fault(int number, siginfo_t *information, void *context);
void ft_general_registers(uint64_t *registers, const ucontext_t *context);

// log.c
struct ft_page_table *ft_page_table_create(uint64_t most_pages);
void ft_page_table_destroy(struct ft_page_table *table);
// Appends a step; with memory unless it is known not to have changed. False: there is no room for it.
bool ft_log_step(struct ft_recorder *recorder, const uint64_t *registers, bool has_memory);

// masks.c: whether the system call that comes next was carried out for the body.
bool ft_stand_in(struct ft_recorder *recorder, ucontext_t *context);

// actions.c
void ft_take_signals(struct ft_recorder *recorder);
void ft_give_back_signals(struct ft_recorder *recorder);
void ft_get_action(int number, struct ft_kernel_action *action);
void ft_set_action(int number, const struct ft_kernel_action *action);

// lock.c
void ft_lock(void);
void ft_unlock(void);

#pragma GCC visibility pop

#endif
