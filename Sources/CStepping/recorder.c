#define _GNU_SOURCE
#include "recorder.h"
#include "system.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

struct ft_recorder ft_recorder;
uint64_t ft_stepping_before[17], ft_stepping_after[17];

// The handlers' stack. Never unmapped: a body that was left by longjmp leaves it with the thread. The kernel's frame takes up to 11
// KiB of it (AMX).
static char handler_stack[64 << 10] __attribute__((aligned(64)));

// Where this thread's stack ends, or, on a stack of another kind, so near that another stack can hardly be there.
static uint64_t end_of_stack(void) {
  uint64_t here = (uint64_t)__builtin_frame_address(0);
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    void *low;
    size_t size;
    int error = pthread_attr_getstack(&attributes, &low, &size);
    pthread_attr_destroy(&attributes);
    if (error == 0 && here >= (uint64_t)low && here - (uint64_t)low < size)
      return (uint64_t)low + size;
  }
  return here + (16 << 10);
}

static int prepare(struct ft_recorder *recorder, uint64_t most_steps, uint64_t most_bytes, struct ft_stepping *result) {
  uint64_t size = (most_bytes + 4095) & ~(uint64_t)4095;
  uint64_t *log = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (log == MAP_FAILED)
    return ENOMEM;
  struct ft_page_table *pages = ft_page_table_create(size / 4096);
  if (pages == NULL) {
    munmap(log, size);
    return ENOMEM;
  }
  memset(recorder, 0, sizeof *recorder);
  memset(result, 0, sizeof *result);
  result->log = log;
  result->mapped = size;
  // Said otherwise by what ends it.
  result->end = FT_STEPPING_LOST;
  recorder->result = result;
  recorder->log = log;
  recorder->log_capacity = size / 8;
  recorder->most_steps = most_steps;
  recorder->pages = pages;
  recorder->process = (int)ft_system(SYS_getpid, 0, 0, 0, 0, 0, 0);
  return 0;
}

// The rest of what `ft_stepping_run` does once the body has been called.
static void finish(struct ft_recorder *recorder, int was_abandoned, uint64_t call_site) {
  struct ft_stepping *result = recorder->result;
  recorder->has_ended = true;
  for (int number = 0; number < 17; number++) {
    result->before[number] = ft_stepping_before[number];
    result->after[number] = was_abandoned ? 0 : ft_stepping_after[number];
  }
  result->before[FT_PC] = call_site;
  if (recorder->process != ft_system(SYS_getpid, 0, 0, 0, 0, 0, 0))
    result->end = FT_STEPPING_CHILD;
  ft_page_table_destroy(recorder->pages);
}

int ft_stepping_run(void (*body)(void *), void *context, uint64_t most_steps, uint64_t most_bytes, struct ft_stepping *result) {
  struct ft_recorder *recorder = &ft_recorder;
  int thread = ft_thread_id();
  if (recorder->owner == thread)
    return EDEADLK;
  if (most_steps == 0 || most_steps > (uint64_t)1 << 48 || most_bytes == 0 || most_bytes > (uint64_t)1 << 46)
    return EINVAL;
  ft_lock();
  int error = prepare(recorder, most_steps, most_bytes, result);
  if (error != 0) {
    ft_unlock();
    return error;
  }
  stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack}, old_stack;
  if (sigaltstack(&stack, &old_stack) != 0) {
    ft_page_table_destroy(recorder->pages);
    ft_stepping_free(result);
    ft_unlock();
    return EINVAL;
  }
  sigset_t trap, old_mask;
  sigemptyset(&trap);
  sigaddset(&trap, SIGTRAP);
  pthread_sigmask(SIG_UNBLOCK, &trap, &old_mask);
  recorder->is_trap_blocked = sigismember(&old_mask, SIGTRAP) == 1;
  ft_take_signals(recorder);
  // Somewhat beyond what this function and its caller have on the stack; a body that is left this way goes farther.
  recorder->outside = (uint64_t)__builtin_frame_address(0);
  recorder->outside_end = end_of_stack();
  recorder->owner = thread;

  int was_abandoned = ft_stepping_call(body, context);

  finish(recorder, was_abandoned, (uint64_t)ft_stepping_call_site);
  recorder->owner = 0;
  ft_give_back_signals(recorder);
  if (was_abandoned)
    pthread_sigmask(SIG_SETMASK, &old_mask, NULL);
  else if (recorder->is_trap_blocked)
    pthread_sigmask(SIG_BLOCK, &trap, NULL);
  // One that the body has put in its place stays.
  stack_t now;
  if (sigaltstack(NULL, &now) == 0 && now.ss_sp == handler_stack)
    sigaltstack(&old_stack, NULL);
  ft_unlock();
  return 0;
}

bool ft_stepping_calls_body(uint64_t pc) { return pc >= (uint64_t)ft_stepping_call && pc < (uint64_t)ft_stepping_call_end; }

void ft_stepping_free(struct ft_stepping *result) {
  if (result->log != NULL)
    munmap((void *)result->log, result->mapped);
  result->log = NULL;
}
