// Fibers under AddressSanitizer and ThreadSanitizer. One mode a run:
//
//   clean      nothing is wrong: nested fibers, exceptions, longjmp, a stack used again
//   leave      threads end inside fibers
//   overflow   a fiber writes behind memory from malloc
//   return     a fiber reads a variable of a function that has returned
//   handover   a fiber is resumed by one thread after the other, each with a mutex between them
//   released   one after the other more fibers than ThreadSanitizer has room for, given back while they are suspended
//   race       the fibers of two threads write one variable

#include "inside_stack.h"

#include <csetjmp>
#include <cstring>
#include <pthread.h>
#include <stdexcept>

#define NOINLINE __attribute__((noinline))

static volatile int shared;
static ft_record *movable;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static ft_record *make_named(ft_fiber_entry entry, void *argument, const char *name) {
  ft_record *record = make_fiber(entry, argument, false);
  record->name = (uint64_t)name;
  return record;
}

extern "C" {

// Variables with marks around them, at each depth.
NOINLINE int descend(int depth, const char *text) {
  volatile char local[40];
  strcpy((char *)local, text);
  return depth == 0 ? local[0] : descend(depth - 1, (const char *)local) + local[1];
}

NOINLINE void throw_from(int depth) {
  volatile char local[64] = {1};
  if (depth == 0)
    throw std::runtime_error("thrown");
  throw_from(depth - 1);
  local[0] = 2;
}

NOINLINE void jump_from(int depth, jmp_buf *target) {
  volatile char local[64] = {1};
  if (depth == 0)
    longjmp(*target, 1);
  jump_from(depth - 1, target);
  local[0] = 2;
}

NOINLINE void *busy_body(ft_record *record, void *value, void *argument) {
  uint64_t levels = (uint64_t)argument;
  ft_record *inner = levels != 0 ? make_named(busy_body, (void *)(levels - 1), "inner") : nullptr;
  for (int round = 0; round < 3; round++) {
    volatile int caught = 0;
    try {
      throw_from(10);
    } catch (const std::exception &) {
      caught = 1;
    }
    jmp_buf target;
    if (setjmp(target) == 0)
      jump_from(10, &target);
    if (caught == 0 || descend(20, "text") == 0)
      abort();
    shared = shared + 1; // one thread's fibers never run at once
    if (inner != nullptr)
      ft_resume(inner, nullptr);
    value = ft_suspend(record, value);
  }
  if (inner != nullptr)
    ft_resume(inner, nullptr);
  return value;
}

NOINLINE int give_up(int depth, ft_record *record) {
  volatile char local[40];
  local[0] = (char)depth;
  return (depth == 0 ? (int)(uint64_t)ft_suspend(record, nullptr) : give_up(depth - 1, record)) + local[0];
}

NOINLINE void *giving_up_body(ft_record *record, void *value, void *) {
  give_up(20, record);
  return value;
}

// As much of the stack as the frames that were given up, with no mark in it.
NOINLINE void *filling_body(ft_record *, void *value, void *) {
  volatile char local[0x8000];
  memset((char *)local, 1, sizeof local);
  return value;
}

NOINLINE void *leaving_body(ft_record *, void *, void *) { pthread_exit(nullptr); }

NOINLINE void *leave(void *) {
  return ft_resume(make_named(leaving_body, nullptr, "leaving"), nullptr);
}

NOINLINE void *overflowing_body(ft_record *, void *value, void *) {
  volatile char *memory = (char *)malloc(16);
  memory[(uint64_t)value] = 1;
  free((void *)memory);
  return value;
}

static volatile char *escaped;

NOINLINE void escape_local() {
  volatile char local[32] = {1};
  escaped = local;
}

NOINLINE void *returning_body(ft_record *, void *value, void *) {
  escape_local();
  shared = escaped[3];
  return value;
}

NOINLINE void *counting_body(ft_record *record, void *value, void *) {
  int local = 0;
  for (;;) {
    shared = shared + 1;
    local = descend(5, "text") + local;
    value = ft_suspend(record, (void *)(uint64_t)local);
  }
  return value;
}

NOINLINE void *hand_over(void *) {
  for (int round = 0; round < 1000; round++) {
    pthread_mutex_lock(&mutex);
    ft_resume(movable, nullptr);
    pthread_mutex_unlock(&mutex);
  }
  return nullptr;
}

NOINLINE void *resume_counter(void *name) {
  ft_record *record = make_named(counting_body, nullptr, (const char *)name);
  for (int round = 0; round < 1000; round++)
    ft_resume(record, nullptr);
  return nullptr;
}

} // extern "C"

static void run(void *(*first)(void *), void *(*second)(void *)) {
  pthread_t threads[2];
  if (pthread_create(&threads[0], nullptr, first, (void *)"first counter") != 0 ||
      pthread_create(&threads[1], nullptr, second, (void *)"second counter") != 0)
    exit(2);
  for (pthread_t thread : threads)
    pthread_join(thread, nullptr);
}

static void run_released() {
  const uint64_t low = (uint64_t)aligned_alloc(4096, STACK_SIZE), high = low + STACK_SIZE;
  for (int round = 0; round < 40000; round++) {
    uint64_t id;
    ft_record *record = ft_record_acquire(&id);
    ft_fiber_init(record, low, high, ft_stack_base(low, high, id), counting_body, nullptr);
    ft_record_publish(record, id);
    ft_resume(record, nullptr);
    ft_record_release(record);
  }
  free((void *)low);
}

static void run_clean() {
  ft_record *outer = make_named(busy_body, (void *)2, "outer");
  while ((outer->identity & FT_FLAG_FINISHED) == 0)
    ft_resume(outer, nullptr);
  ft_record *used = make_named(giving_up_body, nullptr, "giving up");
  ft_resume(used, nullptr);
  // The next fiber's base lies where frames of this one were.
  uint64_t high = used->low + STACK_SIZE;
#ifndef UNTOLD
  ft_stack_begin(used->low, high);
#endif
  ft_fiber_init(used, used->low, high, used->base - 0x400, filling_body, nullptr);
  ft_resume(used, nullptr);
}

int main(int count, char **arguments) {
  if (count != 2)
    return 2;
  const char *mode = arguments[1];
  if (strcmp(mode, "clean") == 0)
    run_clean();
  else if (strcmp(mode, "leave") == 0)
    run(leave, leave);
  else if (strcmp(mode, "overflow") == 0)
    ft_resume(make_named(overflowing_body, nullptr, "overflowing"), (void *)16);
  else if (strcmp(mode, "return") == 0)
    ft_resume(make_named(returning_body, nullptr, "returning"), nullptr);
  else if (strcmp(mode, "handover") == 0) {
    movable = make_named(counting_body, nullptr, "movable");
    run(hand_over, hand_over);
  } else if (strcmp(mode, "released") == 0)
    run_released();
  else if (strcmp(mode, "race") == 0)
    run(resume_counter, resume_counter);
  else
    return 2;
  printf("done\n");
  return 0;
}
