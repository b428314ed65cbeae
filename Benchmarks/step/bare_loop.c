// The least that stepping a program costs: PTRACE_SINGLESTEP, waitpid and PTRACE_GETREGS for each instruction, nothing else.
//
//   bare_loop PROGRAM ARG...
//
// Runs on the processors that it is allowed to; prints steps, seconds and steps a second on standard error.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int main(int count, char **arguments) {
  if (count < 2) {
    fprintf(stderr, "usage: bare_loop PROGRAM ARG...\n");
    return 64;
  }
  pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    execvp(arguments[1], arguments + 1);
    fprintf(stderr, "bare_loop: %s: %s\n", arguments[1], strerror(errno));
    _exit(127);
  }
  int status;
  struct user_regs_struct registers;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) {
    fprintf(stderr, "bare_loop: %s was not started\n", arguments[1]);
    return 1;
  }
  unsigned long long steps = 0;
  double start = now();
  long signal = 0;
  while (ptrace(PTRACE_SINGLESTEP, child, NULL, (void *)signal) == 0 && waitpid(child, &status, 0) == child &&
         WIFSTOPPED(status)) {
    ptrace(PTRACE_GETREGS, child, NULL, &registers);
    signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
    steps++;
  }
  double seconds = now() - start;
  fprintf(stderr, "steps %llu seconds %.3f rate %.0f\n", steps, seconds, (double)steps / seconds);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
