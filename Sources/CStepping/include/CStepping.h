/// Runs a function with the trap flag set and records the registers and the stack words at each instruction that it executes, by the
/// calling thread itself: no tracer, no other process.
///
/// The processor traps behind each instruction (Intel SDM volume 3, 18.3.1.4); SIGTRAP's handler records. It runs on a stack of its
/// own, takes no lock, allocates nothing and calls nothing of libc. Only the calling thread is followed. Other threads and processes
/// that it starts run on at full speed; so do handlers of signals.
#ifndef CSTEPPING_H
#define CSTEPPING_H

#include <stdbool.h>
#include <stdint.h>

/// How a recording ended.
enum ft_stepping_end {
  /// The function returned, and each instruction of it was seen.
  FT_STEPPING_RETURNED = 0,
  /// As many instructions as allowed were recorded. The function ran on at full speed and returned.
  FT_STEPPING_STEP_LIMIT = 1,
  /// As much memory as allowed was filled. The function ran on at full speed and returned.
  FT_STEPPING_BYTE_LIMIT = 2,
  /// The function returned unseen: a handler was left by longjmp, say, with the trap flag clear.
  FT_STEPPING_LOST = 3,
  /// It was ended at a fault: `fault` says which. What it held is lost.
  FT_STEPPING_FAULT = 4,
  /// It returned in a child process that it had made by fork.
  FT_STEPPING_CHILD = 5,
};

/// What a record in the log is.
enum ft_stepping_record {
  /// The registers before an instruction. Behind the header word come those registers that differ from the record before, by
  /// ascending number, and then pairs of an address and the word that is there now.
  FT_STEPPING_STEP = 1,
  /// A page of memory met for the first time: behind the header word its address and 512 words. The step that follows is the first
  /// that it belongs to.
  FT_STEPPING_PAGE = 2,
};

/// Registers that a function has to give back beside the general ones (psABI, 3.2.1), where it is called and where it has returned.
struct ft_stepping_control {
  uint32_t mxcsr;
  uint16_t x87;
  /// DF, the direction flag, is set.
  uint16_t direction;
};

/// What was recorded. By DWARF number, registers are rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp, r8 to r15 and the pc.
struct ft_stepping {
  /// Records one behind the other. A header word has `ft_stepping_record` in bits 0 to 7, in bits 8 to 24 which registers follow
  /// (bit 8 + n for register n), and in bits 32 to 63 how many pairs follow them.
  const uint64_t *_Nullable log;
  /// Words in it.
  uint64_t log_count;
  /// Step records in it.
  uint64_t steps;
  enum ft_stepping_end end;
  /// The signal of a fault, where it came from, and the registers there.
  int fault;
  /// `si_code`: SI_KERNEL where the processor tells of no address.
  int fault_code;
  uint64_t fault_address;
  uint64_t fault_registers[17];
  /// The registers before the call, the pc being that of the call.
  uint64_t before[17];
  /// The registers behind the call, as far as a function has to give them back: rbx, rbp, rsp, r12 to r15. Valid unless it ended by
  /// a fault.
  uint64_t after[17];
  /// Valid if the end is FT_STEPPING_RETURNED.
  struct ft_stepping_control control_before;
  struct ft_stepping_control control_after;
  /// Bytes mapped for the log.
  uint64_t mapped;
};

/// Calls `body(context)` and records its execution.
///
/// One at a time in a process: another thread's call waits for it. The thread needs no more than 128 KiB of stack beside what `body`
/// takes. SIGSEGV, SIGBUS, SIGILL and SIGFPE end the recording instead of the process where nobody but Swift's runtime handles
/// them. If `body` is left by
/// longjmp or an exception, the recording is dropped, and this never returns.
///
/// \param most_steps how many steps are recorded at most
/// \param most_bytes how many bytes of memory the log takes at most; as much again is used beside it for pages of stacks
/// \return 0; EDEADLK: called by what it steps itself; EINVAL: called on an alternate signal stack, or a limit is 0; ENOMEM
int ft_stepping_run(void (*_Nonnull body)(void *_Nullable), void *_Nullable context, uint64_t most_steps, uint64_t most_bytes,
                    struct ft_stepping *_Nonnull result);

/// Whether an address is in the code that calls the body, which is stepped for an instruction.
bool ft_stepping_calls_body(uint64_t pc);

/// Unmaps the log.
void ft_stepping_free(struct ft_stepping *_Nonnull result);

#endif
