#define _GNU_SOURCE
#include "CTestIdentity.h"

#include <errno.h>
#include <pthread.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

struct task {
  uid_t user;
  pid_t process;
  void (*body)(void *);
  void *context;
  int error;
};

static void *run_as(void *argument) {
  struct task *task = argument;
  /* The bare system call changes this thread alone, where glibc's function changes all. */
  if (syscall(SYS_setresuid, task->user, task->user, task->user) != 0)
    task->error = errno;
  else
    task->body(task->context);
  return NULL;
}

static void *run_tracing(void *argument) {
  struct task *task = argument;
  if (ptrace(PTRACE_SEIZE, task->process, NULL, NULL) != 0)
    task->error = errno;
  else
    task->body(task->context);
  return NULL;
}

static int run(void *(*start)(void *), struct task *task) {
  pthread_t thread;
  int error = pthread_create(&thread, NULL, start, task);
  if (error == 0)
    error = pthread_join(thread, NULL);
  return error != 0 ? error : task->error;
}

int ft_test_run_as(uid_t user, void (*body)(void *), void *context) {
  struct task task = {user, 0, body, context, 0};
  return run(run_as, &task);
}

int ft_test_run_tracing(pid_t process, void (*body)(void *), void *context) {
  struct task task = {0, process, body, context, 0};
  return run(run_tracing, &task);
}
