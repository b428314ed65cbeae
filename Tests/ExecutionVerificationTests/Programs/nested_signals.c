// Handlers interrupted by handlers, on the normal stack and on an alternate one, in computations, in system calls that are
// restarted or cut short, at a timer's whim, and as traps of the program's own.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

static volatile sig_atomic_t first, second, third, traps, ticks;

NOINLINE static void third_handler(int signal) {
  (void)signal;
  third++;
}
NOINLINE static void second_handler(int signal) {
  (void)signal;
  second++;
  raise(SIGWINCH);
}
static void first_handler(int signal, siginfo_t *information, void *context) {
  (void)signal, (void)information, (void)context;
  first++;
  raise(SIGUSR2);
  kill(getpid(), SIGUSR2);
}
static void trap_handler(int signal) {
  (void)signal;
  traps++;
}
static void tick(int signal) {
  (void)signal;
  ticks++;
}

NOINLINE static unsigned long computed(unsigned long value, int depth) {
  unsigned long other = value * 0x9e3779b97f4a7c15u ^ value >> 11;
  return depth == 0 ? other : computed(other, depth - 1) + value;
}

static void handle(int signal, void *handler, int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigaction(signal, &action, NULL);
}

int main(void) {
  static char alternate[65536] __attribute__((aligned(16)));
  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  sigaltstack(&stack, NULL);
  handle(SIGUSR1, first_handler, SA_SIGINFO);
  handle(SIGUSR2, second_handler, SA_ONSTACK);
  handle(SIGWINCH, third_handler, 0);
  handle(SIGTRAP, trap_handler, 0);
  handle(SIGALRM, tick, 0);
  for (int round = 0; round < 5; round++)
    raise(SIGUSR1);
  for (int round = 0; round < 3; round++)
    __asm__ volatile("int3");
  raise(SIGTRAP);

  // A child's signal cuts a system call short, and another one is restarted.
  int pipes[2];
  if (pipe(pipes) != 0)
    return 2;
  pid_t parent = getpid(), child = fork();
  if (child == 0) {
    usleep(20000);
    kill(parent, SIGWINCH);
    usleep(20000);
    if (write(pipes[1], "x", 1) != 1)
      _exit(1);
    _exit(0);
  }
  int before = third;
  struct pollfd none = {.fd = -1};
  while (third == before && poll(&none, 1, 100000) < 0 && errno == EINTR)
    continue;
  handle(SIGWINCH, third_handler, SA_RESTART);
  char letter = 0;
  if (read(pipes[0], &letter, 1) != 1)
    return 3;
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR)
    continue;

  // Ticks wherever the computation happens to be.
  struct itimerval often = {.it_interval = {.tv_usec = 2000}, .it_value = {.tv_usec = 2000}};
  setitimer(ITIMER_REAL, &often, NULL);
  unsigned long value = 1;
  while (ticks < 10)
    value = computed(value, 20);
  struct itimerval never = {0};
  setitimer(ITIMER_REAL, &never, NULL);

  sigset_t mask, old;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR1);
  sigprocmask(SIG_BLOCK, &mask, &old);
  raise(SIGUSR1);
  sigsuspend(&old);
  sigprocmask(SIG_SETMASK, &old, NULL);
  printf("first %d, second %d, third %d, traps %d, letter %c, status %d%s\n", first, second, third, traps, letter, status,
         value == 0 ? "!" : "");
  return 0;
}
