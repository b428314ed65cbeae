// Names the fiber whose stack has overflowed: a handler of SIGSEGV and SIGBUS on an alternate stack, since there is no
// room left on the fiber's own. It calls nothing that is not safe in a signal handler, and hands every fault on.

#define _GNU_SOURCE
#include "line.h"
#include "walk.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

// Of the alternate stack: a handler that faults are handed on to may need some of it.
enum { ALTERNATE_SIZE = 64 * 1024, ALTERNATE_GUARD = 4096, ALTERNATE_LEAST = 16 * 1024 };
// The psABI's red zone, and the word that a call or a push stores.
enum { BELOW_SP = 128 + 8 };

// What handled the two signals before.
static struct sigaction previous_segv, previous_bus;
static pthread_key_t alternate_key;

/// The fiber that ran out of its stack when it touched `address` with its stack pointer at `sp`; NULL if none did.
///
/// An access below a stack is an overflow only if it is not below `sp` too: else it is a stray pointer.
static const struct ft_record *overflowed(uint64_t address, uint64_t sp) {
  struct ft_walk walk = ft_walk_start();
  for (const struct ft_record *record; (record = ft_walk_next(&walk)) != NULL;) {
    if (__atomic_load_n(&record->identity, __ATOMIC_ACQUIRE) == 0 || (record->count & 1) == 0)
      continue;
    uint64_t low = record->low;
    if (address < low && low - address <= FT_STACK_GUARD && sp < record->base && sp + FT_STACK_GUARD >= low &&
        address + BELOW_SP >= sp)
      return record;
  }
  return NULL;
}

static void report(const struct ft_record *record, uint64_t sp) {
  struct ft_line line = {.count = 0};
  ft_line_append(&line, "stack overflow in ");
  ft_line_append_fiber(&line, record);
  uint64_t size = *(const uint64_t *)(record->base + FT_BASE_HIGH) - record->low;
  ft_line_append(&line, ": all ");
  ft_line_append_number(&line, size % 1024 == 0 ? size / 1024 : size);
  ft_line_append(&line, size % 1024 == 0 ? " KiB" : " bytes");
  ft_line_append(&line, " of its stack are used");
  if (sp < record->low) {
    ft_line_append(&line, ", and ");
    ft_line_append_number(&line, record->low - sp);
    ft_line_append(&line, " bytes more are wanted");
  }
  ft_line_append(&line, "; create it with a larger stack\n");
  ft_line_write(&line);
}

/// Does with a signal what would have been done without this handler.
static void hand_on(int signal, siginfo_t *info, void *context) {
  struct sigaction *previous = signal == SIGBUS ? &previous_bus : &previous_segv;
  int is_plain = (previous->sa_flags & SA_SIGINFO) == 0;
  int is_fault = info->si_code > 0;
  if (is_plain && previous->sa_handler == SIG_IGN && !is_fault)
    return;
  if (is_plain && (previous->sa_handler == SIG_DFL || previous->sa_handler == SIG_IGN)) {
    // The instruction faults again, and the system ends the process, with a core that shows it. (It ignores no fault.)
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigaction(signal, &standard, NULL);
    // Someone has sent it: it comes again, with the same information, when this handler returns.
    if (!is_fault)
      syscall(SYS_rt_tgsigqueueinfo, getpid(), (pid_t)syscall(SYS_gettid), signal, info);
    return;
  }
  struct sigaction handler = *previous;
  if (handler.sa_flags & SA_RESETHAND)
    *previous = (struct sigaction){.sa_handler = SIG_DFL};
  sigset_t mask = handler.sa_mask, before;
  pthread_sigmask(SIG_BLOCK, &mask, &before);
  if (handler.sa_flags & SA_NODEFER) {
    sigemptyset(&mask);
    sigaddset(&mask, signal);
    pthread_sigmask(SIG_UNBLOCK, &mask, NULL);
  }
  if (is_plain)
    handler.sa_handler(signal);
  else
    handler.sa_sigaction(signal, info, context);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void handle(int signal, siginfo_t *info, void *context) {
  int saved = errno;
  uint64_t sp = (uint64_t)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RSP];
  if (info->si_code > 0) {
    const struct ft_record *record = overflowed((uint64_t)info->si_addr, sp);
    if (record != NULL)
      report(record, sp);
  }
  errno = saved;
  hand_on(signal, info, context);
}

/// At a thread's end. `memory` begins with the guard.
static void free_alternate_stack(void *memory) {
  stack_t current, disabled = {.ss_flags = SS_DISABLE};
  // Someone may have installed another since.
  if (sigaltstack(NULL, &current) == 0 && current.ss_sp == (char *)memory + ALTERNATE_GUARD)
    sigaltstack(&disabled, NULL);
  munmap(memory, ALTERNATE_GUARD + ALTERNATE_SIZE);
}

int ft_overflow_prepare_thread(void) {
  stack_t current;
  if (sigaltstack(NULL, &current) != 0)
    return errno;
  if ((current.ss_flags & SS_DISABLE) == 0 && current.ss_size >= ALTERNATE_LEAST)
    return 0;
  char *memory = mmap(NULL, ALTERNATE_GUARD + ALTERNATE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return errno;
  stack_t alternate = {.ss_sp = memory + ALTERNATE_GUARD, .ss_size = ALTERNATE_SIZE};
  int error = 0;
  if (mprotect(alternate.ss_sp, ALTERNATE_SIZE, PROT_READ | PROT_WRITE) != 0)
    error = errno;
  else if ((error = pthread_setspecific(alternate_key, memory)) == 0 && sigaltstack(&alternate, NULL) != 0) {
    error = errno;
    pthread_setspecific(alternate_key, NULL);
  }
  if (error != 0)
    munmap(memory, ALTERNATE_GUARD + ALTERNATE_SIZE);
  return error;
}

/// Without memory for the stack there is no report of an overflow in this thread, which ends the process all the same.
static void prepare_quietly(void) { ft_overflow_prepare_thread(); }

static int install_error;

static void install(void) {
  if ((install_error = pthread_key_create(&alternate_key, free_alternate_stack)) != 0)
    return;
  struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  // Asked first: a fault may come as soon as the handler stands.
  if (sigaction(SIGSEGV, NULL, &previous_segv) != 0 || sigaction(SIGBUS, NULL, &previous_bus) != 0 ||
      sigaction(SIGSEGV, &action, NULL) != 0 || sigaction(SIGBUS, &action, NULL) != 0) {
    install_error = errno;
    return;
  }
  __atomic_store_n(&ft_thread_prepare, prepare_quietly, __ATOMIC_RELEASE);
}

int ft_overflow_install(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  int error = pthread_once(&once, install);
  return error != 0 ? error : install_error != 0 ? install_error : ft_overflow_prepare_thread();
}

int ft_overflow_is_installed(void) { return __atomic_load_n(&ft_thread_prepare, __ATOMIC_ACQUIRE) != NULL; }
