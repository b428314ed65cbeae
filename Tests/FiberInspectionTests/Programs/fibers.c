/* Programs with fibers in known states, for the tests of FiberInspection: fibers MODE [COUNT].
   Each prints "ready" when everything stands. Built with frame pointers, so that a test can follow them. */
#define _GNU_SOURCE
#include "CFiberAsm.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define STACK 16384

static struct ft_record *create(ft_fiber_entry entry, const char *name, void *argument) {
  char *memory = mmap(NULL, STACK + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory, 4096, PROT_NONE) != 0) {
    perror("stack");
    exit(9);
  }
  uint64_t low = (uint64_t)memory + 4096, high = low + STACK, id = ft_registry_next_id(&ft_fiber_registry);
  struct ft_record *record = ft_registry_acquire(&ft_fiber_registry);
  ft_fiber_init(record, low, high, ft_stack_base(low, high, id), entry, argument);
  record->name = (uint64_t)name;
  record->creator = ft_caller_pc();
  ft_record_publish(record, id);
  return record;
}

static void discard(struct ft_record *record) {
  void *memory = (void *)(record->low - 4096);
  ft_registry_release(&ft_fiber_registry, record);
  munmap(memory, STACK + 4096);
}

static void ready(void) {
  puts("ready");
  fflush(stdout);
}

/* pause(2) with frame pointers all the way. */
__attribute__((noinline)) static void sleep_for_ever(void) {
  for (;;) {
    long result = 34;
    __asm__ volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
  }
}

static void *waiting(struct ft_record *record, void *value, void *argument) {
  record->wait = (uint64_t)(argument != NULL ? argument : "a token");
  for (;;)
    value = ft_suspend(record, value);
}

static void *ending(struct ft_record *record, void *value, void *argument) { return value; }

static void *innermost(struct ft_record *record, void *value, void *argument) {
  ready();
  sleep_for_ever();
  return value;
}

static void *resuming(struct ft_record *record, void *value, void *argument) {
  return ft_resume((struct ft_record *)argument, value);
}

/* Ids 1 to 5: suspended after 3 resumes, not started, finished, running on the main thread, resuming #4. */
static int states(void) {
  struct ft_record *suspended = create(waiting, "suspended", NULL);
  create(waiting, NULL, NULL);
  struct ft_record *finished = create(ending, "finished", NULL);
  for (int index = 0; index < 3; index++)
    ft_resume(suspended, NULL);
  ft_resume(finished, NULL);
  struct ft_record *inner = create(innermost, "inner", NULL);
  struct ft_record *outer = create(resuming, "outer", inner);
  return ft_resume(outer, NULL) != NULL;
}

/* Fibers that each resume the next one: the innermost of the first chain suspends, and leaves all of that chain suspended; that of
   the second runs. */
struct level {
  struct ft_record *record;
  struct level *next;
};

static void *descending(struct ft_record *record, void *value, void *argument) {
  struct level *level = argument;
  if (level->next != NULL)
    ft_resume(level->next->record, value);
  else if (value != NULL)
    innermost(record, value, NULL);
  ft_suspend(record, NULL);
  return NULL;
}

static struct level *chain(long depth, const char *name) {
  struct level *level = calloc(1, sizeof *level);
  level->next = depth > 1 ? chain(depth - 1, name) : NULL;
  level->record = create(descending, name, level);
  return level;
}

static int deep(long depth) {
  ft_resume(chain(depth, "left")->record, NULL);
  return ft_resume(chain(depth, "entered")->record, (void *)1) != NULL;
}

static int many(long count) {
  for (long index = 0; index < count; index++) {
    char *name = malloc(24);
    snprintf(name, 24, "fiber %ld", index + 1);
    ft_resume(create(waiting, name, NULL), NULL);
  }
  ready();
  sleep_for_ever();
  return 0;
}

static void *worker(void *argument) {
  struct ft_record *kept[8] = {0};
  for (unsigned round = 0;; round++) {
    struct ft_record **slot = &kept[round % 8];
    if (*slot != NULL)
      discard(*slot);
    *slot = create(round % 3 == 0 ? ending : waiting, "busy", NULL);
    for (unsigned index = 0; index < round % 5; index++)
      if (((*slot)->identity & FT_FLAG_FINISHED) == 0)
        ft_resume(*slot, NULL);
  }
  return NULL;
}

/* `count` threads that create, switch and discard fibers all the time. */
static int churn(long count) {
  for (long index = 0; index < count; index++) {
    pthread_t thread;
    pthread_create(&thread, NULL, worker, NULL);
  }
  ready();
  sleep_for_ever();
  return 0;
}

static void *brief(void *argument) {
  struct ft_record *record = create(waiting, "brief", NULL);
  void *result = ft_resume(record, argument);
  discard(record);
  return result;
}

/* Starts and joins threads all the time. */
static int spawner(void) {
  ready();
  for (;;) {
    pthread_t threads[4];
    for (int index = 0; index < 4; index++)
      pthread_create(&threads[index], NULL, brief, NULL);
    for (int index = 0; index < 4; index++)
      pthread_join(threads[index], NULL);
  }
}

/* Becomes itself again and again, with a thread at its side. */
static int executing(char **arguments) {
  static char *environment[] = {"STARTED=1", NULL};
  pthread_t thread;
  ft_resume(create(waiting, "short-lived", NULL), NULL);
  pthread_create(&thread, NULL, brief, NULL);
  if (getenv("STARTED") == NULL)
    ready();
  execve("/proc/self/exe", arguments, environment);
  return 9;
}

/* Keeps a word on its stack, `mark`, and adds one to it each time it is resumed. */
static volatile uint64_t *marked;
static void *marking(struct ft_record *record, void *value, void *argument) {
  volatile uint64_t mark = (uint64_t)argument;
  for (;; mark++) {
    marked = &mark;
    ft_suspend(record, NULL);
  }
}

static struct ft_record *mark_from(const char *name, uint64_t first) {
  struct ft_record *record = create(marking, name, (void *)first);
  ft_resume(record, NULL);
  return record;
}

/* One fiber stays as it is, another changes at SIGRTMIN in the way that `what` names. Prints the addresses of their marks,
   and "done" after the change. */
static int changing(const char *what, char **arguments) {
  sigset_t set;
  int number;
  int again = getenv("STARTED") != NULL;
  mark_from("same", again ? 5000 : 1000);
  uint64_t same = (uint64_t)marked;
  struct ft_record *other = mark_from("other", again ? 6000 : 2000);
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, NULL);
  if (again) {
    puts("done");
  } else {
    printf("%lx %lx\n", same, (uint64_t)marked);
  }
  fflush(stdout);
  sigwait(&set, &number);
  if (strcmp(what, "resumed") == 0) {
    ft_resume(other, NULL);
  } else if (strcmp(what, "released") == 0) {
    discard(other);
  } else if (strcmp(what, "reused") == 0) {
    discard(other);
    mark_from("another", 3000);
  } else if (strcmp(what, "created") == 0) {
    mark_from("new", 4000);
  } else if (strcmp(what, "loaded") == 0) {
    if (dlopen(arguments[3], RTLD_NOW) == NULL)
      return 9;
  } else if (strcmp(what, "executed") == 0) {
    static char *environment[] = {"STARTED=1", NULL};
    execve("/proc/self/exe", arguments, environment);
  }
  puts("done");
  fflush(stdout);
  sleep_for_ever();
  return 0;
}

static void *run_inner(void *argument) {
  pthread_setname_np(pthread_self(), "side");
  return ft_resume(create(innermost, "on a thread", NULL), NULL);
}

static int threaded(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, run_inner, NULL);
  sleep_for_ever();
  return 0;
}

static void *renamed_thread(void *argument) {
  prctl(PR_SET_NAME, "side\n) Z 0\x1b[2J");
  ready();
  sleep_for_ever();
  return NULL;
}

/* Names of threads that look like something else. */
static int renamed(void) {
  pthread_t thread;
  prctl(PR_SET_NAME, "main\nState:\tZ");
  pthread_create(&thread, NULL, renamed_thread, NULL);
  sleep_for_ever();
  return 0;
}

/* The main thread ends before the other. */
static int headless(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, run_inner, NULL);
  pthread_exit(NULL);
}

/* A parent in vfork is in uninterruptible sleep until its child executes or ends. */
static void *in_vfork(void *argument) {
  if (vfork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sleep_for_ever();
  }
  return NULL;
}

static int sleeper(void) {
  pthread_t thread;
  create(waiting, "beside", NULL);
  pthread_create(&thread, NULL, in_vfork, NULL);
  usleep(200000);
  ready();
  sleep_for_ever();
  return 0;
}

static volatile sig_atomic_t signals;
static void on_signal(int number) { signals++; }

/* Counts SIGUSR1 and prints the number at SIGTERM. */
static void at_end(int number) {
  char text[32];
  int size = snprintf(text, sizeof text, "signals %d\n", (int)signals);
  _exit(write(1, text, (size_t)size) == size ? 0 : 1);
}

static int counting(void) {
  create(waiting, "counted", NULL);
  signal(SIGRTMIN, on_signal);
  signal(SIGTERM, at_end);
  ready();
  for (;;)
    usleep(10);
}

static void on_alternate_stack(int number) { innermost(NULL, NULL, NULL); }

/* In a signal handler on an alternate stack, above a fiber. */
static void *raising(struct ft_record *record, void *value, void *argument) {
  raise(SIGUSR2);
  return value;
}

static int alternate(void) {
  static char stack[65536];
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction action = {.sa_handler = on_alternate_stack, .sa_flags = SA_ONSTACK};
  sigaltstack(&alternate, NULL);
  sigaction(SIGUSR2, &action, NULL);
  ft_resume(create(raising, "raising", NULL), NULL);
  return 0;
}

/* A registry or a record made unfit on purpose, in the way that `what` names. */
static int corrupt(const char *what) {
  struct ft_record *first = create(waiting, "first", NULL), *second = create(waiting, "second", NULL);
  ft_resume(first, NULL);
  ft_resume(second, NULL);
  struct ft_chunk *chunk = (struct ft_chunk *)ft_fiber_registry.chunks;
  if (strcmp(what, "magic") == 0)
    ft_fiber_registry.magic = 1;
  else if (strcmp(what, "version") == 0)
    ft_fiber_registry.version = 2;
  else if (strcmp(what, "cycle") == 0)
    chunk->next = (uint64_t)chunk;
  else if (strcmp(what, "capacity") == 0)
    chunk->capacity = UINT64_MAX / 64;
  else if (strcmp(what, "chunk") == 0)
    ft_fiber_registry.chunks = 0x10;
  else if (strcmp(what, "sp") == 0)
    first->sp = 0x1234;
  else if (strcmp(what, "base") == 0)
    first->base = UINT64_MAX - 7;
  else if (strcmp(what, "name") == 0)
    first->name = 0x10;
  else if (strcmp(what, "link") == 0)
    *(uint64_t *)first->base = first->base;
  ready();
  sleep_for_ever();
  return 0;
}

int main(int count, char **arguments) {
  const char *mode = count > 1 ? arguments[1] : "";
  long number = count > 2 ? atol(arguments[2]) : 1;
  sigset_t none; /* the test runner's threads block signals, and children inherit that */
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  alarm(600); /* whatever becomes of the test */
  if (strcmp(mode, "states") == 0)
    return states();
  if (strcmp(mode, "deep") == 0)
    return deep(number);
  if (strcmp(mode, "many") == 0)
    return many(number);
  if (strcmp(mode, "churn") == 0)
    return churn(number);
  if (strcmp(mode, "spawner") == 0)
    return spawner();
  if (strcmp(mode, "executing") == 0)
    return executing(arguments);
  if (strcmp(mode, "threaded") == 0)
    return threaded();
  if (strcmp(mode, "renamed") == 0)
    return renamed();
  if (strcmp(mode, "headless") == 0)
    return headless();
  if (strcmp(mode, "sleeper") == 0)
    return sleeper();
  if (strcmp(mode, "counting") == 0)
    return counting();
  if (strcmp(mode, "alternate") == 0)
    return alternate();
  if (strcmp(mode, "corrupt") == 0)
    return corrupt(arguments[2]);
  if (strcmp(mode, "changing") == 0)
    return changing(arguments[2], arguments);
  if (strcmp(mode, "undumpable") == 0) {
    prctl(PR_SET_DUMPABLE, 0);
    return many(1);
  }
  fprintf(stderr, "fibers: no mode %s\n", mode);
  return 64;
}
