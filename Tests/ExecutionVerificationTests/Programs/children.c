// Processes: fork, in a deep frame as well, vfork with and without exec, posix_spawn, children that fork, and the program itself
// replaced by itself.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

extern char **environ;

static int wait_for(pid_t child) {
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// Both return through all the frames.
NOINLINE static pid_t forked(int depth) {
  if (depth == 0)
    return fork();
  pid_t child = forked(depth - 1);
  __asm__ volatile("" ::: "memory");
  return child;
}

NOINLINE static int forks(void) {
  pid_t child = forked(6);
  if (child == 0) {
    pid_t inner = forked(2);
    if (inner == 0)
      _exit(3);
    _exit(wait_for(inner) + 4);
  }
  return wait_for(child);
}

NOINLINE static int vfork_exit(void) {
  pid_t child = vfork();
  if (child == 0)
    _exit(11);
  return wait_for(child);
}

NOINLINE static int vfork_exec(const char *self) {
  pid_t child = vfork();
  if (child == 0) {
    execl(self, self, "child", NULL);
    _exit(1);
  }
  return wait_for(child);
}

NOINLINE static int spawned(const char *self) {
  pid_t child;
  char *arguments[] = {(char *)self, "child", NULL};
  return posix_spawn(&child, self, NULL, NULL, arguments, environ) == 0 ? wait_for(child) : -1;
}

static void *forking(void *argument) {
  *(int *)argument = forks();
  return NULL;
}

static int on_own_stack(void *argument) { return *(int *)argument; }

int main(int count, char **arguments) {
  if (count > 1 && strcmp(arguments[1], "child") == 0)
    return 21;
  if (count > 1) {
    printf("again %s\n", arguments[1]);
    return 0;
  }
  int total = forks() + vfork_exit() + vfork_exec(arguments[0]) + spawned(arguments[0]) + system("exit 5") / 256;
  pthread_t thread;
  int inner = 0;
  pthread_create(&thread, NULL, forking, &inner);
  pthread_join(thread, NULL);
  // A process that shares nothing but begins on a stack of its own.
  static char stack[65536] __attribute__((aligned(16)));
  int status = 9;
  total += wait_for(clone(on_own_stack, stack + sizeof stack, SIGCHLD, &status));
  printf("total %d\n", total + inner);
  fflush(stdout);
  char text[16];
  snprintf(text, sizeof text, "%d", total);
  execl(arguments[0], arguments[0], text, NULL);
  return 1;
}
