#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

// Wakes waits. Its default is to be ignored: whoever sends it from outside does no harm.
#define WAKE SIGURG

// All that end a process by default, that others send, and that can be waited for: whoever is ended by one leaves breakpoints behind.
// Not SIGPIPE, which only a write brings.
static const int end_signals[] = {SIGINT,  SIGTERM, SIGHUP,    SIGQUIT, SIGALRM,
                                  SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF, SIGXCPU};

struct ft_watch {
  pthread_t watcher;
  // The thread that is woken.
  pthread_t waiter;
  // What the watcher waits for.
  sigset_t awaited;
  bool has_deadline;
  struct timespec deadline;
  // 0, a signal's number, or FT_WATCH_TIME; and where the signal came from.
  atomic_int reason;
  atomic_int code;
  // The waiter has seen the reason, or does not wait any more.
  atomic_bool is_heard;
  sigset_t old_mask;
};

static void no_action(int signal) { (void)signal; }

// The handler of WAKE stands as long as anybody watches.
static pthread_mutex_t wake_lock = PTHREAD_MUTEX_INITIALIZER;
static int wake_users;
static struct sigaction wake_old;

static void use_wake(void) {
  pthread_mutex_lock(&wake_lock);
  // Without SA_RESTART: waitpid ends with EINTR.
  struct sigaction action = {.sa_handler = no_action};
  if (wake_users++ == 0)
    sigaction(WAKE, &action, &wake_old);
  pthread_mutex_unlock(&wake_lock);
}

static void leave_wake(void) {
  pthread_mutex_lock(&wake_lock);
  if (--wake_users == 0)
    sigaction(WAKE, &wake_old, NULL);
  pthread_mutex_unlock(&wake_lock);
}

// False when it is reached.
static bool time_left(const struct timespec *deadline, struct timespec *left) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  left->tv_sec = deadline->tv_sec - now.tv_sec;
  left->tv_nsec = deadline->tv_nsec - now.tv_nsec;
  if (left->tv_nsec < 0) {
    left->tv_nsec += 1000000000;
    left->tv_sec -= 1;
  }
  return left->tv_sec >= 0;
}

static void *watch(void *context) {
  struct ft_watch *self = context;
  while (!atomic_load(&self->is_heard)) {
    struct timespec left;
    if (self->has_deadline && !time_left(&self->deadline, &left)) {
      atomic_store(&self->reason, FT_WATCH_TIME);
      break;
    }
    siginfo_t information;
    int signal = sigtimedwait(&self->awaited, &information, self->has_deadline ? &left : NULL);
    if (signal > 0 && signal != WAKE) {
      atomic_store(&self->code, information.si_code);
      atomic_store(&self->reason, signal);
      break;
    }
  }
  // It may just be about to wait: once is not enough.
  const struct timespec pause = {0, 10000000};
  sigset_t wake;
  sigemptyset(&wake);
  sigaddset(&wake, WAKE);
  while (!atomic_load(&self->is_heard)) {
    pthread_kill(self->waiter, WAKE);
    sigtimedwait(&wake, NULL, &pause);
  }
  return NULL;
}

static void change_end_signals(int how) {
  sigset_t set;
  sigemptyset(&set);
  for (size_t index = 0; index < sizeof end_signals / sizeof *end_signals; index++)
    sigaddset(&set, end_signals[index]);
  pthread_sigmask(how, &set, NULL);
}

void ft_block_end_signals(void) { change_end_signals(SIG_BLOCK); }

void ft_unblock_end_signals(void) { change_end_signals(SIG_UNBLOCK); }

struct ft_watch *ft_watch_start(bool signals, int64_t nanoseconds, int *error) {
  struct ft_watch *self = calloc(1, sizeof *self);
  if (self == NULL) {
    *error = ENOMEM;
    return NULL;
  }
  self->waiter = pthread_self();
  sigemptyset(&self->awaited);
  sigaddset(&self->awaited, WAKE);
  for (size_t index = 0; signals && index < sizeof end_signals / sizeof *end_signals; index++) {
    struct sigaction action;
    // Whoever started this one to run on without a terminal ignores them: nohup(1).
    if (sigaction(end_signals[index], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
      sigaddset(&self->awaited, end_signals[index]);
  }
  self->has_deadline = nanoseconds >= 0;
  if (self->has_deadline) {
    clock_gettime(CLOCK_MONOTONIC, &self->deadline);
    self->deadline.tv_sec += nanoseconds / 1000000000;
    self->deadline.tv_nsec += nanoseconds % 1000000000;
    if (self->deadline.tv_nsec >= 1000000000) {
      self->deadline.tv_nsec -= 1000000000;
      self->deadline.tv_sec += 1;
    }
  }
  use_wake();
  // The watcher gets this mask; the waiter lets itself be woken.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &self->old_mask);
  *error = pthread_create(&self->watcher, NULL, watch, self);
  sigset_t own = self->old_mask;
  sigdelset(&own, WAKE);
  pthread_sigmask(SIG_SETMASK, &own, NULL);
  if (*error == 0)
    return self;
  leave_wake();
  pthread_sigmask(SIG_SETMASK, &self->old_mask, NULL);
  free(self);
  return NULL;
}

int ft_watch_reason(struct ft_watch *self) { return atomic_load_explicit(&self->reason, memory_order_acquire); }

bool ft_watch_is_from_terminal(struct ft_watch *self) { return atomic_load(&self->code) == SI_KERNEL; }

void ft_watch_end(struct ft_watch *self) {
  atomic_store(&self->is_heard, true);
  pthread_kill(self->watcher, WAKE);
  pthread_join(self->watcher, NULL);
  // One may be pending that was sent at the end: the handler still stands.
  pthread_sigmask(SIG_SETMASK, &self->old_mask, NULL);
  leave_wake();
  free(self);
}

struct ft_inheritance ft_inheritance_now(void) {
  struct ft_inheritance now;
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  now.blocked = mask.__val[0];
  struct sigaction action;
  now.ignores_wake = sigaction(WAKE, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
  struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
  getrlimit(RLIMIT_NOFILE, &limit);
  now.soft_descriptors = limit.rlim_cur;
  now.hard_descriptors = limit.rlim_max;
  return now;
}
