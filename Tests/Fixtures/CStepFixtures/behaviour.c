// What recorded code may do, each in one function.
#define _GNU_SOURCE
#include "CStepFixtures.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static jmp_buf place;

static void leave(int depth) {
  char room[64];
  memset(room, depth, sizeof room);
  if (depth == 0)
    longjmp(place, 1 + (room[0] & 1));
  leave(depth - 1);
  __asm__ volatile("" : : "r"(room) : "memory");
}

void step_uses_longjmp(void) {
  for (volatile int turn = 0; turn < 3; turn++)
    if (setjmp(place) == 0)
      leave(5);
}

static volatile int caught;
static void count(int number) {
  (void)number;
  caught++;
}

int step_uses_signals(void) {
  caught = 0;
  struct sigaction action, old;
  memset(&action, 0, sizeof action);
  action.sa_handler = count;
  sigfillset(&action.sa_mask);
  sigaction(SIGUSR1, &action, &old);
  raise(SIGUSR1);
  raise(SIGUSR1);
  sigaction(SIGUSR1, &old, NULL);
  return caught;
}

int step_blocks_signals(void) {
  sigset_t all, old, now;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  pthread_sigmask(SIG_BLOCK, NULL, &now);
  int was_blocked = sigismember(&now, SIGTRAP);
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  pthread_sigmask(SIG_BLOCK, NULL, &now);
  return was_blocked == 1 && sigismember(&now, SIGTRAP) == sigismember(&old, SIGTRAP);
}

static void *answer(void *context) {
  *(int *)context = 4;
  return NULL;
}

int step_uses_threads_and_children(void) {
  pthread_t thread;
  int result = 0;
  pthread_create(&thread, NULL, answer, &result);
  pthread_join(thread, NULL);
  pid_t child = fork();
  if (child == 0)
    _exit(3);
  int status = 0;
  waitpid(child, &status, 0);
  return result + WEXITSTATUS(status);
}

int step_uses_flags(void) {
  uint64_t flags;
  __asm__ volatile("pushfq\n\tpopq %0\n\tpushq $0x202\n\tpopfq" : "=r"(flags) : : "cc", "memory");
  return (flags & 0x100) != 0;
}

static ucontext_t outer, inner;
static void turn(void) {
  for (;;) {
    caught++;
    swapcontext(&inner, &outer);
  }
}

int step_uses_swapcontext(int turns) {
  size_t size = 64 << 10;
  char *stack = malloc(size);
  caught = 0;
  getcontext(&inner);
  inner.uc_stack.ss_sp = stack;
  inner.uc_stack.ss_size = size;
  inner.uc_link = NULL;
  makecontext(&inner, turn, 0);
  for (int number = 0; number < turns; number++)
    swapcontext(&outer, &inner);
  free(stack);
  return caught;
}

static sigjmp_buf handler_place;
static void jump(int number) {
  (void)number;
  siglongjmp(handler_place, 1);
}

void step_leaves_handler(void) {
  struct sigaction action, old;
  memset(&action, 0, sizeof action);
  action.sa_handler = jump;
  sigaction(SIGUSR2, &action, &old);
  if (sigsetjmp(handler_place, 1) == 0)
    raise(SIGUSR2);
  sigaction(SIGUSR2, &old, NULL);
}

void step_clears(void *buffer, uint64_t size) {
  __asm__ volatile("rep stosb" : "+D"(buffer), "+c"(size) : "a"(0) : "memory");
}

int step_uses_breakpoint(void) {
  caught = 0;
  struct sigaction action, old;
  memset(&action, 0, sizeof action);
  action.sa_handler = count;
  sigaction(SIGTRAP, &action, &old);
  __asm__ volatile("int3");
  __asm__ volatile("nop\n\tint3");
  sigaction(SIGTRAP, &old, NULL);
  return caught;
}

int step_signals_are_as_before(void) {
  static __thread int is_known;
  static __thread struct sigaction known_action;
  static __thread stack_t known_stack;
  static __thread sigset_t known_mask;
  struct sigaction action;
  stack_t stack;
  sigset_t mask;
  memset(&action, 0, sizeof action);
  memset(&stack, 0, sizeof stack);
  sigemptyset(&mask);
  sigaction(SIGTRAP, NULL, &action);
  sigaltstack(NULL, &stack);
  pthread_sigmask(SIG_BLOCK, NULL, &mask);
  if (!is_known) {
    is_known = 1;
    known_action = action;
    known_stack = stack;
    known_mask = mask;
  }
  return action.sa_handler == known_action.sa_handler && stack.ss_sp == known_stack.ss_sp &&
         stack.ss_flags == known_stack.ss_flags && memcmp(&mask, &known_mask, 8) == 0;
}
