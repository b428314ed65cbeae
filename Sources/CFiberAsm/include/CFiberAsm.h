/// The fiber switch: stack layout, entry points and their contracts.
///
/// `fiber_x86_64.S` explains how it works. This header owns the layout of the words on a fiber's stack;
/// `FiberTraceRegistry.h` owns the record and the registry. Assembly and Swift take every offset from these
/// two.
///
/// Use `ft_resume` and `ft_suspend`. Every symbol is hidden, so that two copies of this package live side by side in
/// one process; link the package statically (SwiftPM's default) into the image that uses it.
#ifndef CFIBERASM_H
#define CFIBERASM_H

#include "FiberTraceRegistry.h"

/* ---- Words on the fiber's stack, relative to its base (see "stack layout" in fiber_x86_64.S) ---- */

#define FT_BASE_LINK 0            /* the resumer's frame pointer; FT end record while the fiber does not run */
#define FT_BASE_RETURN 8          /* return address beside it, for frame-pointer walkers                     */
#define FT_BASE_TOOL 16           /* for sanitizers, see sanitizers.c; else 0                                   */
#define FT_BASE_CANCELS 24        /* suspends refused since the cancellation; 0 at first, for a runtime to use */
#define FT_BASE_ARGUMENT 32       /* third argument of the entry function                                    */
#define FT_BASE_HIGH 40           /* end of the stack's memory                                               */
#define FT_BASE_TOP_SIZE 48       /* bytes from the base to the end of these words                           */
#define FT_BASE_RECORD (-8)       /* address of the fiber's record                                           */
#define FT_BASE_ENTRY (-16)       /* the entry function                                                      */
#define FT_BASE_FIRST_PC (-24)    /* before the first resume: ft_fiber_start ...                             */
#define FT_BASE_FIRST_FRAME (-32) /* ... and the base, which the first resume pops into rbp                  */

/// Bytes from the start of `ft_fiber_suspend` to the pc of every fiber that does not run; the assembler checks it. No
/// symbol stands there: where the linker keeps it global, libdw would prefer it to the function's own name.
#define FT_SUSPENDED_OFFSET 39

/* 1 where clang compiles with a sanitizer that has to be told of switches. Swift's importer never says so: nothing that
   Swift sees may depend on these. (gcc has no preserve_none to write the functions around the switches in.) */
#if defined(__clang__) && defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FT_ADDRESS_SANITIZER 1
#endif
#if __has_feature(thread_sanitizer)
#define FT_THREAD_SANITIZER 1
#endif
#endif
#if defined(FT_ADDRESS_SANITIZER) || defined(FT_THREAD_SANITIZER)
#define FT_SANITIZED 1
#endif

/// The smallest stack, in bytes: one page.
#define FT_STACK_MINIMUM 4096

/// Bytes below a stack with a guard that cannot be touched.
#define FT_STACK_GUARD 65536

#ifndef __ASSEMBLER__

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define FT_HIDDEN __attribute__((visibility("hidden")))

#if defined(__has_attribute)
#if __has_attribute(preserve_none)
#define FT_HAS_PRESERVE_NONE 1
#endif
#endif

/// What a fiber runs: C calling convention, called once with the record, the value of the first resume, and the
/// argument given to `ft_fiber_init`. The value it returns is the last that `ft_resume` answers. An exception that
/// leaves it ends the process.
typedef void *FT_NULLABLE (*ft_fiber_entry)(struct ft_record *FT_NONNULL record, void *FT_NULLABLE value,
                                            void *FT_NULLABLE argument);

/// Where the base of a fiber goes in the stack [low, high): below the words at its top, 16-aligned, and moved down by
/// id mod 64 cache lines. Tops of equal alignment would share one set of the first-level cache: 13 ns a round trip
/// over 100 fibers instead of 4. The colour never takes more than a sixteenth of the stack.
static inline uint64_t ft_stack_base(uint64_t low, uint64_t high, uint64_t id) {
  uint64_t colours = (high - low) / 16 / 64;
  uint64_t colour = colours >= 64 ? id % 64 : colours != 0 ? id % colours : 0;
  return ((high - FT_BASE_TOP_SIZE) & ~UINT64_C(15)) - colour * 64;
}

/// Makes a record and a stack into a fiber that has not started.
///
/// Fills `low`, `base`, `sp` and `count` of the record and the words at the top of the stack.
/// `base` is `ft_stack_base(low, high, id)`; `high - low` is at least FT_STACK_MINIMUM.
FT_HIDDEN void ft_fiber_init(struct ft_record *FT_NONNULL record, uint64_t low, uint64_t high, uint64_t base,
                             ft_fiber_entry FT_NONNULL entry, void *FT_NULLABLE argument);

/// 1 under a tool that wants to know of stacks: valgrind, or AddressSanitizer. Known before `main`.
FT_HIDDEN extern uint8_t ft_stacks_are_watched;
FT_HIDDEN uint64_t ft_stack_announce(uint64_t low, uint64_t high);
FT_HIDDEN void ft_stack_retract(uint64_t announced, uint64_t low, uint64_t high);

/// Tells tools that [low, high) serves as a stack from now on, and that what lies there means nothing: valgrind then
/// takes a switch for one and not for a jump of the stack pointer. Answers what `ft_stack_end` wants. Without a tool a
/// test of a byte.
static inline uint64_t ft_stack_begin(uint64_t low, uint64_t high) {
  return ft_stacks_are_watched ? ft_stack_announce(low, high) : 0;
}

/// Tells tools that no fiber is on that stack any more, before its memory goes or serves another purpose.
static inline void ft_stack_end(uint64_t begun, uint64_t low, uint64_t high) {
  if (ft_stacks_are_watched)
    ft_stack_retract(begun, low, high);
}

/// The address of the lowest word of 8 bytes in [low, high), both multiples of 8, that is not zero; `high` if none is.
/// Any stack may be read so, also another thread's: no tool complains.
FT_HIDDEN uint64_t ft_lowest_word(uint64_t low, uint64_t high);

/// 1 if this thread runs with a shadow stack (CET SHSTK), on which a fiber switch would fault. Create no fiber then.
FT_HIDDEN int ft_shadow_stack_enabled(void);

/// Switches to a fiber that does not run, from the C calling convention. For languages without `ft_resume`, and what that is to
/// compilers without preserve_none.
FT_HIDDEN void *FT_NULLABLE ft_fiber_resume_c(struct ft_record *FT_NONNULL record, void *FT_NULLABLE value);
/// Switches to the resumer, from the C calling convention. For languages without `ft_suspend`.
FT_HIDDEN void *FT_NULLABLE ft_fiber_suspend_c(struct ft_record *FT_NONNULL record, void *FT_NULLABLE value);

#if defined(FT_HAS_PRESERVE_NONE)
/* Arguments arrive in r12 and r13, the result leaves in rax; no register but rsp and rbp is preserved. Swift would call this
   with the C convention, so it may not call it at all. */
FT_HIDDEN __attribute__((preserve_none, availability(swift, unavailable, message = "use ft_resume")))
void *FT_NULLABLE ft_fiber_resume(struct ft_record *FT_NONNULL record, void *FT_NULLABLE value);
#else
/* A compiler without preserve_none ignores the attribute and would pass rdi and rsi. */
FT_HIDDEN __attribute__((error("this compiler lacks preserve_none: call ft_resume")))
void *ft_fiber_resume(struct ft_record *record, void *value);
#endif

/// Runs the fiber until it suspends or its entry function returns, and answers the value it left with.
///
/// The fiber must not be running and must not be finished (FT_FLAG_FINISHED); neither is checked. No system
/// call, no lock, no allocation: about 2.5 ns for the round trip with `ft_suspend`.
static inline void *FT_NULLABLE ft_resume(struct ft_record *FT_NONNULL record, void *FT_NULLABLE value) {
#if defined(FT_HAS_PRESERVE_NONE)
  return ft_fiber_resume(record, value);
#else
  return ft_fiber_resume_c(record, value);
#endif
}

#if defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 11)
/* `asm goto` with outputs. */
#define FT_HAS_ASM_GOTO 1

/* gcc refuses to name these registers to code for processors without them. */
#if defined(__AVX512F__) || defined(__clang__)
#define FT_AVX512_REGISTERS                                                                                            \
  , "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25", "xmm26", "xmm27",         \
      "xmm28", "xmm29", "xmm30", "xmm31", "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"
#else
#define FT_AVX512_REGISTERS
#endif
#if defined(__APX_F__)
#define FT_APX_REGISTERS                                                                                               \
  , "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r26", "r27", "r28", "r29", "r30", "r31"
#else
#define FT_APX_REGISTERS
#endif

/* All that a switch may change beside its operands: rsp and rbp alone are preserved. */
#define FT_CHANGED_REGISTERS                                                                                           \
  "rcx", "rdx", "rbx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r14", "r15", "cc", "memory", "st", "st(1)", "st(2)",    \
      "st(3)", "st(4)", "st(5)", "st(6)", "st(7)", "mm0", "mm1", "mm2", "mm3", "mm4", "mm5", "mm6", "mm7", "xmm0",     \
      "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",      \
      "xmm14", "xmm15" FT_AVX512_REGISTERS FT_APX_REGISTERS

/* What the assembly in ft_suspend seems to call. Never executed. */
FT_HIDDEN __attribute__((cold)) void ft_suspend_calls(void);
#endif

/// Returns to the resumer, whose `ft_resume` answers `value`; answers the value of the next `ft_resume`.
///
/// `record` is that of the fiber whose stack the caller runs on; this is not checked.
///
/// Inline assembly, since a jump leads to `ft_fiber_suspend`, whose `ret` pairs with the call in `ft_resume`: this halves the
/// time of a round trip. Three things keep it safe. The return address goes to the word below rsp, and rsp stays, so that what
/// the compiler tells unwinders of the caller is true at each instruction. No variable of the caller's can be in that word: a
/// compiler keeps variables below rsp only in functions that call nothing, and as far as it knows the assembly may go to
/// `calls`, where something is called. (`noreturn` or a call in tail position would not do.) And every register is declared
/// changed but rsp and rbp. To gcc, those of AVX-512 only if the file is compiled for it, not where a function alone is, by an
/// attribute: suspend by ft_fiber_suspend_c there.
static inline void *FT_NULLABLE ft_suspend(struct ft_record *FT_NONNULL record, void *FT_NULLABLE value) {
#if defined(FT_HAS_ASM_GOTO)
  register struct ft_record *r12 __asm__("r12") = record;
  register void *r13 __asm__("r13") = value;
  void *answer;
  __asm__ volatile goto("leaq 1f(%%rip), %%rcx\n\t"
                        "movq %%rcx, -8(%%rsp)\n\t"
                        "jmp ft_fiber_suspend\n"
                        "1:"
                        : "=a"(answer), "+r"(r12), "+r"(r13)
                        :
                        : FT_CHANGED_REGISTERS
                        : calls);
  return answer;
calls:
  ft_suspend_calls();
  __builtin_unreachable();
#else
  return ft_fiber_suspend_c(record, value);
#endif
}

/// Id and flags. Who holds a record that belongs to another fiber by now, perhaps of another thread, may read these too.
static inline uint64_t ft_record_identity(const struct ft_record *FT_NONNULL record) {
  return __atomic_load_n(&record->identity, __ATOMIC_ACQUIRE);
}

/// Sets a flag of a fiber's, on its thread.
static inline void ft_record_mark(struct ft_record *FT_NONNULL record, uint64_t flag) {
  __atomic_store_n(&record->identity, ft_record_identity(record) | flag, __ATOMIC_RELAXED);
}

/// Says why a fiber, on whose stack the caller runs, is about to suspend: NUL-terminated text, 0 that it no longer is. Others may
/// read it meanwhile.
static inline void ft_record_set_wait(struct ft_record *FT_NONNULL record, uint64_t text) {
  __atomic_store_n(&record->wait, text, __ATOMIC_RELEASE);
}

#include "FiberOwnState.h"

/// The base function, and the end of the chain of a fiber that does not run: for readers, never called.
FT_HIDDEN extern const char ft_fiber_start[], ft_fiber_not_running[];
FT_HIDDEN extern const uint64_t ft_fiber_end_record[2];

/// The registry of the fibers of this copy of the package.
FT_HIDDEN extern struct ft_registry ft_fiber_registry;

/// `&ft_fiber_registry`, for Swift, which may not name a mutable C variable.
static inline struct ft_registry *FT_NONNULL ft_own_registry(void) { return &ft_fiber_registry; }

/// A record of this copy's registry that no reader sees yet, with a new id, or NULL when no memory can be mapped. For
/// `ft_fiber_init`, then `ft_record_publish` with the id. `name`, `wait` and `creator` are 0; the rest is for
/// `ft_fiber_init` to fill.
///
/// From a cache of the calling thread's: no lock, and in the steady state no locked instruction and nothing shared with other
/// threads. Ids of one thread come in order; each thread takes 64 at a time. O(1).
FT_HIDDEN struct ft_record *FT_NULLABLE ft_record_acquire(uint64_t *FT_NONNULL id);
/// Takes such a record back, from any thread. Readers stop seeing it before any other field changes. The stack of a fiber
/// that has not finished goes afterwards. O(1), as above.
FT_HIDDEN void ft_record_release(struct ft_record *FT_NONNULL record);
/// How many records `ft_record_acquire` has answered in this process. No lock. O(threads).
FT_HIDDEN uint64_t ft_record_created(void);

/// The return address of the call to this function: a pc in its caller.
FT_HIDDEN uint64_t ft_caller_pc(void);

#include "FiberThreads.h"

/// From now on a fiber whose stack overflows is named in one line on standard error; then the fault goes on to what handled
/// SIGSEGV and SIGBUS before. Prepares the calling thread. Answers 0, or what errno would say. Again: prepares the thread.
FT_HIDDEN int ft_overflow_install(void);
/// Gives the calling thread an alternate signal stack, unless it has one of 16 KiB. Answers 0, or what errno would say.
/// After ft_overflow_install.
FT_HIDDEN int ft_overflow_prepare_thread(void);
/// 1 once ft_overflow_install has succeeded.
FT_HIDDEN int ft_overflow_is_installed(void);

/// The record of the fiber, in the registry of this copy of the package, whose stack the caller runs on; NULL if it runs on no
/// fiber's. In current.c, which a program that does not call it need not have.
///
/// No lock. O(1) where this thread was found on this page of this stack lately, or on its own stack; else O(fibers).
FT_HIDDEN struct ft_record *FT_NULLABLE ft_fiber_current(void);

/// Tells `ft_fiber_current` of a stack at `low` in memory of the caller's: it may lie inside the caller's own stack.
FT_HIDDEN void ft_stack_given(uint64_t low);

/// What a suspended fiber waits for, NUL-terminated; NULL if it does not say, or is not suspended. `room` is for reasons of one
/// character, and has to outlive the answer. The fiber may be resumed meanwhile, but its record must not be given back.
FT_HIDDEN const char *FT_NULLABLE ft_record_wait(const struct ft_record *FT_NONNULL record, uint64_t *FT_NONNULL room);

/// Fibers of the registry of this copy of the package by state, and how many it has had.
struct ft_fiber_counts {
  uint64_t not_started, on_thread, suspended, finished, abandoned;
  uint64_t created;
};

/// Counts them while they run, without a lock: each as it was at some moment of the call. O(fibers).
FT_HIDDEN struct ft_fiber_counts ft_fiber_count(void);

/// The frame address of the caller, or of this function where the compiler does not inline: on the caller's stack
/// either way.
__attribute__((always_inline)) static inline uint64_t ft_frame_address(void) {
  return (uint64_t)__builtin_frame_address(0);
}

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif /* __ASSEMBLER__ */
#endif /* CFIBERASM_H */
