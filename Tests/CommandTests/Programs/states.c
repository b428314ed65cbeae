// One fiber in every state, and a pthread on a fiber of its own. Prints "ready" when all stand, then waits to be killed.
//
// An argument does harm first:
//   garbage  overwrites the frames of the suspended fiber
//   cycle    links the outer running fiber to where the inner one is linked to: to itself
//   link     links the innermost running fiber to a word of its own stack that is no frame
//   record   gives the suspended fiber a saved sp outside its stack
//   escape   gives it a name that would drive a terminal
//   crash    calls through a null pointer in the innermost running fiber
//   overflow calls itself in the innermost running fiber until it meets the guard of its stack
//   leap     does so by frames of 20,000 bytes, whose first write is below the stack
//   handled  does so too, and stands in a handler of SIGSEGV on another stack
//   spin     switches without pause between the innermost running fiber and one more
//   many     creates 2,000 more fibers, suspended
//   deep     goes 5,000 calls deep in the innermost running fiber

#define _GNU_SOURCE
#include <CFiberAsm.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { stack_size = 1 << 20, guard_size = 1 << 16 };

static const char *harm = "";
static struct ft_record *suspended, *innermost, *outer;
static void (*volatile nowhere)(void);

static int harm_is(const char *what) { return strcmp(harm, what) == 0; }

__attribute__((noinline)) struct ft_record *create(ft_fiber_entry entry, const char *name, void *argument) {
  struct ft_record *record = ft_registry_acquire(&ft_fiber_registry);
  char *memory = mmap(NULL, guard_size + stack_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(memory + guard_size, stack_size, PROT_READ | PROT_WRITE);
  uint64_t low = (uint64_t)memory + guard_size;
  uint64_t id = ft_registry_next_id(&ft_fiber_registry), high = low + stack_size;
  ft_fiber_init(record, low, high, ft_stack_base(low, high, id), entry, argument);
  record->name = (uint64_t)name;
  record->creator = (uint64_t)__builtin_return_address(0);
  ft_record_publish(record, id);
  return record;
}

static void *spinning_body(struct ft_record *record, void *value, void *argument) {
  (void)value, (void)argument;
  for (;;)
    ft_suspend(record, NULL);
}

__attribute__((noinline)) int stand(int value) {
  if (harm_is("crash"))
    nowhere();
  puts("ready");
  fflush(stdout);
  struct ft_record *spinning = harm_is("spin") ? create(spinning_body, "spinning", NULL) : NULL;
  while (spinning != NULL)
    ft_resume(spinning, NULL);
  for (;;)
    pause();
  return value + 1;
}

__attribute__((noinline)) int descend(int depth) {
  int result = depth == 0 ? stand(1) : descend(depth - 1);
  __asm__ volatile("" : "+r"(result));
  return result + 1;
}

__attribute__((noinline)) int overflow(volatile char *outer) {
  volatile char frame[100];
  frame[0] = *outer;
  int result = overflow(frame);
  return result + frame[0];
}

__attribute__((noinline)) int leap(volatile char *outer) {
  volatile char frame[20000];
  frame[0] = *outer;
  int result = leap(frame);
  return result + frame[0];
}

static void stand_in_handler(int signal) { stand(signal); }

static void handle_faults(void) {
  stack_t stack = {.ss_size = 1 << 16};
  stack.ss_sp = mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct sigaction action = {.sa_handler = stand_in_handler, .sa_flags = SA_ONSTACK};
  sigaltstack(&stack, NULL);
  sigaction(SIGSEGV, &action, NULL);
}

static void *inner_body(struct ft_record *record, void *value, void *argument) {
  (void)value, (void)argument;
  if (harm_is("cycle"))
    *(uint64_t *)outer->base = *(uint64_t *)record->base;
  if (harm_is("link"))
    *(uint64_t *)record->base = record->base - 8;
  if (harm_is("handled"))
    handle_faults();
  if (harm_is("overflow") || harm_is("handled"))
    return (void *)(intptr_t)overflow("");
  if (harm_is("leap"))
    return (void *)(intptr_t)leap("");
  return (void *)(intptr_t)(descend(harm_is("deep") ? 5000 : 2) + 1);
}

static void *outer_body(struct ft_record *record, void *value, void *argument) {
  (void)record, (void)value;
  return (char *)ft_resume(argument, NULL) + 1;
}

__attribute__((noinline)) void *wait_for_tick(struct ft_record *record) {
  record->wait = (uint64_t)"for the next tick";
  return (char *)ft_suspend(record, NULL) + 1;
}

static void *ticking_body(struct ft_record *record, void *value, void *argument) {
  (void)value, (void)argument;
  return (char *)wait_for_tick(record) + 1;
}

static void *ending_body(struct ft_record *record, void *value, void *argument) {
  (void)record, (void)argument;
  return value;
}

static void *threaded_body(struct ft_record *record, void *value, void *argument) {
  (void)record, (void)argument;
  // The write tells the main thread that this one stands.
  if (write((int)(intptr_t)value, "", 1) == 1)
    for (;;)
      pause();
  return NULL;
}

static void *thread_main(void *ready) {
  return (char *)ft_resume(create(threaded_body, "on a thread", NULL), ready) + 1;
}

int main(int count, char **arguments) {
  if (count > 1)
    harm = arguments[1];
  create(ending_body, "never started", NULL);
  suspended = create(ticking_body, harm_is("escape") ? "\033]0;owned\a\033[31m" : "ticking", NULL);
  ft_resume(suspended, NULL);
  struct ft_record *ended = create(ending_body, "ended", NULL);
  ft_resume(ended, NULL);

  int ends[2];
  pthread_t thread;
  char byte;
  if (pipe(ends) != 0 || pthread_create(&thread, NULL, thread_main, (void *)(intptr_t)ends[1]) != 0 ||
      pthread_setname_np(thread, "second") != 0 || read(ends[0], &byte, 1) != 1)
    return 1;

  for (int more = harm_is("many") ? 2000 : 0; more > 0; more--)
    ft_resume(create(ticking_body, NULL, NULL), NULL);
  if (harm_is("garbage"))
    memset((void *)(suspended->sp), 0x41, suspended->base - suspended->sp);
  if (harm_is("record"))
    suspended->sp = 0x4141414141414141;
  innermost = create(inner_body, "inner", NULL);
  outer = create(outer_body, "outer", innermost);
  return (int)(intptr_t)ft_resume(outer, NULL);
}
