// Fibers in every state for a debugger to select, on stacks below and above that of the thread that resumes them.
//
// Thread 2, the host, comes to `observe` three times: in the fiber "inner", which "middle" has resumed, which "outer" has; on its
// own stack, when that chain has ended and "consumer" has gone on once; and after "consumer" has ended. Thread 1 waits in `main` for it.

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "CFiberAsm.h"

#define OWN_FRAME __attribute__((noinline))
#define STACK_SIZE 0x20000ul
#define STACKS 6ul

static volatile long seed = 1000;
static volatile int is_ending;
long sum;
__thread int of_thread = 5;

static struct ft_record *consumer, *ended, *fresh, *inner, *middle, *outer, *hostile, *above;
// Stacks of fibers, the host's, stacks of fibers.
static char *region;

OWN_FRAME int twice(int number) { return 2 * number; }
OWN_FRAME void observe(void) { __asm__ volatile("" ::: "memory"); }
static inline __attribute__((always_inline)) void observe_inlined(void) {
  sum += seed;
  observe();
}

static struct ft_record *make(const char *name, ft_fiber_entry entry, struct ft_record *next) {
  uint64_t id;
  struct ft_record *record = ft_record_acquire(&id);
  // Odd ids below the host's stack, even ones above.
  uint64_t low = (uint64_t)region + (id % 2 == 0 ? STACKS + 1 + id / 2 : id / 2) * STACK_SIZE, high = low + STACK_SIZE;
  ft_fiber_init(record, low, high, ft_stack_base(low, high, id), entry, next);
  record->name = (uint64_t)name;
  ft_record_publish(record, id);
  return record;
}

OWN_FRAME static int descend(struct ft_record *own, int depth) {
  int local = 1000 + depth;
  char text[] = "on the fiber's own stack";
  if (depth == 0) {
    own->wait = (uint64_t)"for goods";
    ft_suspend(own, NULL);
  } else {
    descend(own, depth - 1);
  }
  sum += local + (long)strlen(text);
  return local;
}

// Five values that live across the call, in registers that the callee saves if the compiler optimizes.
OWN_FRAME static void keep_values(struct ft_record *own) {
  long a = seed * 3, b = seed * 5, c = seed * 7, d = seed * 11, e = seed * 13;
  sum += descend(own, 2);
  sum += a ^ b ^ c ^ d ^ e;
}

static void *body_suspends(struct ft_record *own, void *value, void *argument) {
  (void)value;
  while (!is_ending)
    keep_values(own);
  return argument;
}

static void *body_ends(struct ft_record *own, void *value, void *argument) {
  (void)own, (void)argument;
  return value;
}

static void *body_resumes(struct ft_record *own, void *value, void *argument) {
  (void)own, (void)value;
  int mine = argument == NULL ? 1 : 10;
  if (argument == NULL)
    observe();
  else
    ft_resume(argument, NULL);
  sum += mine;
  return argument;
}

// Of a thread that is still in clone3, gdb shows no caller: the host goes on when `main` has come out of it.
static pthread_barrier_t started;

OWN_FRAME static void *host(void *argument) {
  pthread_barrier_wait(&started);
  of_thread = 6;
  consumer = make("consumer", body_suspends, NULL);
  ended = make("ended", body_ends, NULL);
  fresh = make("fresh", body_suspends, NULL);
  inner = make("inner", body_resumes, NULL);
  middle = make("middle", body_resumes, inner);
  outer = make("outer", body_resumes, middle);
  hostile = make("\033[31m\"red\"\nline \xe2\x80\xae", body_suspends, NULL);
  above = make("above", body_suspends, NULL);
  ft_resume(consumer, NULL);
  ft_resume(hostile, NULL);
  ft_resume(above, NULL);
  ft_resume(ended, NULL);
  ft_resume(outer, NULL);
  ft_resume(consumer, NULL);
  observe_inlined();
  is_ending = 1;
  ft_resume(consumer, NULL);
  observe();
  return argument;
}

// For a debugger to call: the fiber goes on, and suspends again or ends.
OWN_FRAME void resume_consumer(void) { ft_resume(consumer, NULL); }

int main(void) {
  region = mmap(NULL, (2 * STACKS + 1) * STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstack(&attributes, region + STACKS * STACK_SIZE, STACK_SIZE);
  pthread_barrier_init(&started, NULL, 2);
  pthread_t thread;
  pthread_create(&thread, &attributes, host, NULL);
  pthread_barrier_wait(&started);
  pthread_join(thread, NULL);
  printf("sum %ld, called %d\n", sum, twice(0));
  return 0;
}
