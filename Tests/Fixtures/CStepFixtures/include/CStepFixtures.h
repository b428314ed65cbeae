/// Functions in assembly for the step check: some whose call frame information is right, and some with one defect each.
#ifndef CSTEPFIXTURES_H
#define CSTEPFIXTURES_H

#include <stdint.h>

// right.S
/// A frame pointer, and two registers saved.
uint64_t step_frame_pointer(uint64_t a, uint64_t b);
/// Locals in the red zone, and no frame.
uint64_t step_red_zone(uint64_t a, uint64_t b);
/// Takes `size` bytes of the stack.
uint64_t step_alloca(uint64_t size);
/// Changes rbx, and says so.
uint64_t step_undefined_rbx(uint64_t a);
/// Calls itself `depth` times.
uint64_t step_recursion(uint64_t depth);
/// Ends in a jump to another function.
uint64_t step_tail_call(uint64_t a, uint64_t b);

// wrong.S
/// A push without a directive behind it.
uint64_t step_push_untold(uint64_t a);
/// rbx is said to be saved one instruction before it is.
uint64_t step_premature_rule(uint64_t a);
/// Changes rbx, and says nothing.
void step_clobbered_rbx(void *context);
/// Changes r12, and says nothing.
void step_clobbered_r12(void *context);
/// Takes 8 bytes of its caller's stack with it.
void step_pops_too_much(void *context);
/// Leaves what it has pushed.
void step_unbalanced(void *context);
/// Stores 16 bytes where they are not aligned.
void step_misaligned(void *context);
/// The epilogue is not told of.
uint64_t step_epilogue_untold(uint64_t a);
/// Has no call frame information.
uint64_t step_without_rows(uint64_t a);
/// Says that nobody called it.
uint64_t step_outermost(uint64_t a);
/// Leaves the direction flag set.
void step_sets_direction(void *context);

// behaviour.c: what recorded code may do.
void step_uses_longjmp(void);
/// Catches a signal that it sends itself; answers how often.
int step_uses_signals(void);
/// Blocks all signals and takes the mask back; answers whether SIGTRAP was seen as blocked meanwhile and is not any more.
int step_blocks_signals(void);
/// Starts a thread and a child process, and waits for them; answers 7.
int step_uses_threads_and_children(void);
/// Reads the flags with pushf and writes them with popf; answers whether the trap flag was seen.
int step_uses_flags(void);
/// Switches to another stack and back with swapcontext, `count` times; answers how often.
int step_uses_swapcontext(int count);
/// Leaves a handler of a signal by siglongjmp.
void step_leaves_handler(void);
/// Clears `size` bytes by a repeated string instruction.
void step_clears(void *buffer, uint64_t size);
/// Handles SIGTRAP itself, and raises it by int3; answers how often it was handled.
int step_uses_breakpoint(void);
/// Whether the alternate stack and the signal mask of this thread are as in its first call. (SIGTRAP's action is the process's: another
/// thread may be recording.)
int step_signals_are_as_before(void);

#endif
