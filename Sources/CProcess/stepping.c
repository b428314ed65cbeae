#define _GNU_SOURCE
#include "CProcess.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t ft_start_stepped(const char *path, char *const *arguments, int output, unsigned seconds) {
  pid_t child = fork();
  if (child < 0)
    return -errno;
  if (child != 0)
    return child;
  // Only what is safe behind fork. The mask and the handlers of the parent are not the program's business.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int number = 1; number < 32; number++)
    signal(number, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  personality(ADDR_NO_RANDOMIZE);
  // SIGXCPU and then SIGKILL for programs that do something else on SIGALRM.
  alarm(seconds);
  struct rlimit limit = {seconds, seconds + 1};
  setrlimit(RLIMIT_CPU, &limit);
  int empty = open("/dev/null", O_RDONLY);
  if (empty < 0 || dup2(empty, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
    _exit(127);
  // A file that another thread of the parent is writing could not be executed as long as it is open here.
  if (close_range(3, ~0u, 0) != 0)
    _exit(127);
  if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
    _exit(127);
  execv(path, arguments);
  _exit(127);
}

int ft_ptrace_options(pid_t thread, uint64_t options) {
  return ptrace(PTRACE_SETOPTIONS, thread, NULL, (void *)(uintptr_t)options) == 0 ? 0 : errno;
}

int ft_ptrace_step(pid_t thread, int signal) {
  return ptrace(PTRACE_SINGLESTEP, thread, NULL, (void *)(intptr_t)signal) == 0 ? 0 : errno;
}

int ft_ptrace_continue(pid_t thread, int signal) {
  return ptrace(PTRACE_CONT, thread, NULL, (void *)(intptr_t)signal) == 0 ? 0 : errno;
}

int ft_ptrace_set_registers(pid_t thread, const uint64_t *words, size_t size) {
  struct iovec area = {(void *)words, size};
  return ptrace(PTRACE_SETREGSET, thread, (void *)NT_PRSTATUS, &area) == 0 ? 0 : errno;
}

int ft_ptrace_write_word(pid_t thread, uint64_t address, uint64_t word) {
  return ptrace(PTRACE_POKETEXT, thread, (void *)address, (void *)word) == 0 ? 0 : errno;
}

int ft_thread_wait(pid_t thread, int *status) {
  pid_t result;
  do {
    result = waitpid(thread, status, __WALL);
  } while (result < 0 && errno == EINTR);
  return result == thread ? 0 : errno;
}
