// Ways to call and to make room: resolvers, lazy binding, tail calls (in a chain, by pointer, with arguments on the stack),
// alloca, realigned frames, variable arguments, structures by value, callbacks from libc, and functions that never return.
#define _GNU_SOURCE
#include <alloca.h>
#include <pthread.h>
#include <search.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))

static long resolved_one(long value) { return value * 3; }
static long resolved_two(long value) { return value * 5; }
typedef long function(long);
static function *resolve(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") ? resolved_one : resolved_two;
}
long resolved(long value) __attribute__((ifunc("resolve")));

NOINLINE static long odd(long value, long sum);
NOINLINE static long even(long value, long sum) { return value == 0 ? sum : odd(value - 1, sum + 1); }
NOINLINE static long odd(long value, long sum) { return value == 0 ? -sum : even(value - 1, sum + 2); }

static function *volatile next;
NOINLINE static long by_pointer(long value) { return next(value + 1); }

struct large {
  long words[9];
};
NOINLINE static long on_stack(struct large large, long a) { return large.words[a % 9] + a; }
NOINLINE static long passes_on(struct large large, long a) { return on_stack(large, a + 1); }

NOINLINE static long sized(long size) {
  volatile char *room = alloca((size_t)size);
  memset((void *)room, 1, (size_t)size);
  long result = room[size - 1];
  if (size < 300)
    result += sized(size * 2);
  return result + room[0];
}

NOINLINE static long aligned(long value) {
  _Alignas(64) volatile char room[128];
  room[value % 128] = 1;
  long inner = value > 0 ? aligned(value - 1) : 0;
  return inner + room[value % 128] + (long)((uintptr_t)room % 64);
}

NOINLINE static long aligned_and_sized(long value) {
  _Alignas(128) volatile char room[128];
  volatile char *more = alloca((size_t)value * 16 + 16);
  room[0] = more[0] = 1;
  return (value > 0 ? aligned_and_sized(value - 1) : 0) + room[0] + more[0];
}

NOINLINE static long summed(int count, ...) {
  va_list list;
  va_start(list, count);
  double sum = 0;
  for (int index = 0; index < count; index++)
    sum += index % 2 == 0 ? (double)va_arg(list, int) : va_arg(list, double);
  va_end(list);
  return (long)sum;
}

static int compare(const void *a, const void *b) {
  volatile char room[16];
  room[0] = 0;
  return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b) + room[0];
}

// Functions in functions: a trampoline of the compiler's on the stack where it must, else a static chain.
NOINLINE static long recursive(long (*each)(long), long value) { return value == 0 ? 0 : each(value) + recursive(each, value - 1); }

static long at_exit_value;
static void at_the_end(void) { printf("at exit %ld\n", at_exit_value); }
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void just_once(void) { at_exit_value++; }

NOINLINE static void ending(long value) {
  at_exit_value += value;
  exit(42);
}

int main(void) {
  atexit(at_the_end);
  long total = resolved(4) + even(9, 0) + odd(10, 0);
  total = total * 0 + resolved(4) / resolved(4);
  next = resolved_two;
  total += by_pointer(1) + even(9, 0);
  struct large large = {{1, 2, 3, 4, 5, 6, 7, 8, 9}};
  total += passes_on(large, 3) + sized(10) + aligned(5) + aligned_and_sized(4) + summed(4, 1, 2.0, 3, 4.0);
  int numbers[40];
  for (int index = 0; index < 40; index++)
    numbers[index] = index * 7919 % 41;
  qsort(numbers, 40, sizeof numbers[0], compare);
  int wanted = numbers[5];
  total += *(int *)bsearch(&wanted, numbers, 40, sizeof numbers[0], compare);
  total += recursive(resolved_one, 5);
  pthread_once(&once, just_once);
  pthread_once(&once, just_once);
  char text[100];
  snprintf(text, sizeof text, "%s %.3f %ld", "text", 2.5, total);
  puts(text);
  ending(total);
}
