/// What the tests of FiberTrace need from C and C++.
#ifndef CFIBERTRACEFIXTURES_H
#define CFIBERTRACEFIXTURES_H

#include <stdbool.h>

#include "FiberTraceRegistry.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Publishes a fiber in the registry of another runtime, which switches stacks its own way. Answers its record's address, or 0.
uint64_t fixture_publish(const char *_Nonnull name, uint64_t low, uint64_t base, uint64_t sp);
/// Takes it back.
void fixture_retract(uint64_t record);
/// The address of the other runtime's registry.
uint64_t fixture_registry(void);

/// The addresses of the registries that the notes of the running program lead to, as a debugger finds them; at most `capacity`.
size_t fixture_noted_registries(uint64_t *_Nonnull registries, size_t capacity);

/// The sanitizer that the program is built with, or NULL.
const char *_Nullable fixture_sanitizer(void);

/// Whether allocations are counted: not under sanitizers, which have a malloc of their own.
bool fixture_counts_allocations(void);
/// How often the calling thread has called malloc, calloc, realloc and the like so far.
uint64_t fixture_allocations(void);
/// Calls malloc once, and frees what it got.
void fixture_allocate(void);

/// From now on any system call of the calling thread but read, write and the end of the thread kills the process. Answers
/// whether that could be asked for.
bool fixture_forbid_system_calls(void);
/// Ends the calling thread by the system call that is left for it, and with the last thread the process, with status 0. (exit and
/// _exit make another, which is forbidden.)
void fixture_end_thread(void);

/// Calls itself to `depth` calls, with frames of 20 KiB each, of which it touches the lowest bytes alone. Answers a sum.
uint64_t fixture_recurse(uint64_t depth);

/// Writes `bytes` bytes of stack in one frame. Answers their number.
uint64_t fixture_fill(uint64_t bytes);

/// Maps a page at `address`, unless something is mapped there.
void fixture_map_page(uint64_t address);

/// An address in the frame of this function, just below its caller's.
uint64_t fixture_frame_address(void);
/// How far a local variable that asks for an alignment of 128, and one that asks for 16, are from it: 0.
uint64_t fixture_misalignment(void);
/// The product of the numbers in "1.5 times 4", read by sscanf; -1 if they are not there.
double fixture_scan(const char *_Nonnull text);

/// From now on a fault ends the process with `code`, after a line "fault handled" on standard error.
void fixture_exit_on_fault(int code);
/// From now on the faults of fixture_fault_and_repair are repaired, and others end the process with code 99.
void fixture_repair_faults(void);
/// Writes to memory that nobody can touch until it is repaired. Answers 1.
int fixture_fault_and_repair(void);
/// Bytes of the calling thread's alternate signal stack; 0 if it has none.
size_t fixture_alternate_stack_size(void);
/// Gives it one of `size` bytes.
void fixture_set_alternate_stack(size_t size);
/// Lets the stacks of `count` fibers overflow one after the other, with a handler that makes each return to its resumer. Answers how many
/// did.
int fixture_recover_from_overflows(int count);

/// Throws a C++ exception through a frame with a destructor and catches it. Answers 1 if it arrived and the destructor ran.
int fixture_throw_and_catch(void);

/// Throws `number` as a C++ exception, calls `body` inside the handler, and throws what it has caught again. Answers what arrives then.
int fixture_rethrow_after(int number, void (*_Nonnull body)(void *_Nullable), void *_Nullable context);

/// Throws a C++ exception that it does not catch.
void fixture_throw(void);

/// The path of the module that a call of _Unwind_RaiseException, or of backtrace, in this program goes to.
const char *_Nullable fixture_provider_of_unwind(void);
const char *_Nullable fixture_provider_of_backtrace(void);

#ifdef __cplusplus
}
#endif

#endif
