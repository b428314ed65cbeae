/// What each thread keeps for its fibers: who runs here, open accesses, a stack. A part of CFiberAsm.h, which includes it.
#ifndef FT_FIBER_THREADS_H
#define FT_FIBER_THREADS_H

/// Set in the number of a movable fiber; the bits below it are the fiber's id. Threads have numbers without it.
#define FT_THREAD_NUMBER_OF_FIBER 0x8000000000000000ULL

/// The number of what runs here: the calling thread's own, or that of the movable fiber whose body runs on it. Nothing else in
/// the process has it or will have it; 0 until the thread has called `ft_thread_claim_number`. (The thread pointer would not
/// do: libc gives it to a later thread.)
///
/// A compiler keeps the address of a thread-local variable across a switch, and a movable fiber may come back from it on another
/// thread. So the variable is read and written by instructions that the compiler cannot look into.
FT_HIDDEN extern __thread uint64_t ft_own_thread_number __attribute__((tls_model("initial-exec")));
static inline uint64_t ft_thread_number(void) {
  uint64_t number;
  __asm__ volatile("movq ft_own_thread_number@gottpoff(%%rip), %0\n\tmovq %%fs:(%0), %0" : "=r"(number));
  return number;
}
static inline void ft_thread_set_number(uint64_t number) {
  uint64_t offset;
  __asm__ volatile("movq ft_own_thread_number@gottpoff(%%rip), %0\n\tmovq %1, %%fs:(%0)"
                   : "=&r"(offset)
                   : "r"(number)
                   : "memory");
}

/// The calling thread's number, given to it now if it has none. No lock.
FT_HIDDEN uint64_t ft_thread_claim_number(void);

/// What each thread calls when it claims its number, or NULL.
FT_HIDDEN extern void (*FT_NULLABLE ft_thread_prepare)(void);

/// The head of the calling thread's list of open accesses, which Swift's runtime keeps. It points to a constant that is not 0 until
/// the thread has sought it, and to another if it could not be found.
FT_HIDDEN extern __thread const uint64_t *FT_NONNULL ft_own_access_list __attribute__((tls_model("initial-exec")));
FT_HIDDEN extern const uint64_t ft_unsought_access_list, ft_unknown_access_list;

/// That head. Read as `ft_thread_number` is.
static inline const uint64_t *FT_NONNULL ft_thread_access_list(void) {
  const uint64_t *list;
  __asm__ volatile("movq ft_own_access_list@gottpoff(%%rip), %0\n\tmovq %%fs:(%0), %0" : "=r"(list));
  return list;
}

/// The calling thread has not sought its list.
static inline int ft_thread_access_list_is_unsought(void) {
  return ft_thread_access_list() == &ft_unsought_access_list;
}

/// Remembers where the calling thread has its list; NULL: that it could not be found.
FT_HIDDEN void ft_thread_set_access_list(const uint64_t *FT_NULLABLE list);

/// The one word with this value among the calling thread's variables in all modules, or NULL if none or several have it. Takes the
/// loader's lock; O(size of the variables).
FT_HIDDEN const uint64_t *FT_NULLABLE ft_thread_local_word(uint64_t value);

/// A stack of a pool that only the calling thread can take.
struct ft_stack_cache {
  /// The stack, or NULL.
  void *FT_NULLABLE slot;
  /// Its pool.
  void *FT_NULLABLE pool;
  /// 1 once the thread's end will see to it, 2 after that; 0 at first.
  uint64_t state;
};
FT_HIDDEN extern __thread struct ft_stack_cache ft_own_stack_cache __attribute__((tls_model("initial-exec")));

/// The calling thread's. Not inlined into functions that switch: the compiler may keep the address.
static inline struct ft_stack_cache *FT_NONNULL ft_thread_stack_cache(void) { return &ft_own_stack_cache; }

#endif
