// Ways of a process to end, and states in which somebody may let it go. The first argument says which.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

static volatile sig_atomic_t alarms, traps;

static void count_alarm(int signal) {
  (void)signal;
  alarms = alarms + 1;
}

static void count_trap(int signal) {
  (void)signal;
  traps = traps + 1;
}

NOINLINE static int add(int value) { return value + 1; }

NOINLINE static int work(int value) {
  int sum = 0;
  for (int index = 0; index < 8; index++)
    sum = add(sum + value);
  return sum;
}

static void *work_for_ever(void *context) {
  (void)context;
  for (int value = 0;; value++)
    if (work(value) != 8 * value + 8)
      abort();
}

static void greet(void) {
  puts("ready");
  fflush(stdout);
}

static void *greet_and_work(void *context) {
  // The main thread is gone by then.
  char path[64], state[256];
  do {
    snprintf(path, sizeof path, "/proc/%d/stat", getpid());
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(state, sizeof state, file) == NULL)
      abort();
    fclose(file);
  } while (strstr(state, ") Z ") == NULL);
  greet();
  return work_for_ever(context);
}

static int sharer(void *context) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return work_for_ever(context) != NULL;
}

static void *fork_for_ever(void *context) {
  (void)context;
  for (;;) {
    pid_t child = fork();
    if (child == 0)
      _exit(work(3) != 32);
    int status;
    if (child > 0 && (waitpid(child, &status, 0) != child || status != 0))
      abort();
  }
}

static void *kill_oneself(void *context) {
  (void)context;
  work(5);
  kill(getpid(), SIGKILL);
  return NULL;
}

static void *crash(void *context) {
  (void)context;
  work(5);
  *(volatile int *)8 = 1;
  return NULL;
}

static void *execute(void *self) {
  work(5);
  execl(self, self, "execs", "1", NULL);
  return NULL;
}

int main(int count, char **arguments) {
  static char self[4096];
  if (count < 2 || readlink("/proc/self/exe", self, sizeof self - 1) < 0)
    return 64;
  const char *mode = arguments[1];
  pthread_t thread;
  if (strcmp(mode, "execs") == 0) {
    // It replaces itself so many times.
    int left = atoi(arguments[2]);
    if (left == 0)
      return work(1) == 16 ? 5 : 6;
    char text[16];
    snprintf(text, sizeof text, "%d", left - 1);
    execl(self, self, mode, text, NULL);
  } else if (strcmp(mode, "thread-execs") == 0) {
    pthread_create(&thread, NULL, work_for_ever, NULL);
    pthread_create(&thread, NULL, execute, self);
    pthread_join(thread, NULL);
  } else if (strcmp(mode, "killed") == 0) {
    pthread_create(&thread, NULL, fork_for_ever, NULL);
    pthread_create(&thread, NULL, fork_for_ever, NULL);
    pthread_create(&thread, NULL, kill_oneself, NULL);
    pthread_join(thread, NULL);
  } else if (strcmp(mode, "crashes") == 0) {
    pthread_create(&thread, NULL, work_for_ever, NULL);
    pthread_create(&thread, NULL, crash, NULL);
    pthread_join(thread, NULL);
  } else if (strcmp(mode, "exits") == 0) {
    for (int index = 0; index < 3; index++)
      pthread_create(&thread, NULL, work_for_ever, NULL);
    work(1);
    _exit(7);
  } else if (strcmp(mode, "main-exits") == 0) {
    pthread_create(&thread, NULL, greet_and_work, NULL);
    pthread_exit(NULL);
  } else if (strcmp(mode, "blocks-trap") == 0) {
    sigset_t trap;
    sigemptyset(&trap);
    sigaddset(&trap, SIGTRAP);
    signal(SIGTRAP, count_trap);
    sigprocmask(SIG_BLOCK, &trap, NULL);
    raise(SIGTRAP);
    greet();
    for (;;) {
      work(2);
      if (traps != 0)
        abort();
    }
  } else if (strcmp(mode, "alarms") == 0) {
    signal(SIGALRM, count_alarm);
    struct itimerval interval = {{0, 5000}, {0, 5000}};
    setitimer(ITIMER_REAL, &interval, NULL);
    pthread_create(&thread, NULL, work_for_ever, NULL);
    greet();
    work_for_ever(NULL);
  } else if (strcmp(mode, "shares") == 0) {
    static char stack[1 << 16] __attribute__((aligned(16)));
    if (clone(sharer, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL) < 0)
      return 1;
    greet();
    int status;
    wait(&status);
    return 2;
  } else if (strcmp(mode, "forks") == 0) {
    pthread_create(&thread, NULL, work_for_ever, NULL);
    greet();
    fork_for_ever(NULL);
  }
  return 64;
}
