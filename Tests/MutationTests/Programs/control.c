// Where control goes: tail calls, functions that do not return, jumps out of many frames, handlers of signals, callbacks from the
// library, parts that are seldom executed.
#define _GNU_SOURCE
#include <search.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#define NOINLINE __attribute__((noinline))

static volatile uint64_t sink;

NOINLINE static uint64_t step(uint64_t a) { return a * 6364136223846793005u + 1442695040888963407u; }

// Tail calls: of itself, of another function, through a pointer, to the library, with arguments on the stack.
NOINLINE static uint64_t countdown(uint64_t n, uint64_t sum) {
  sum += step(n);
  return n == 0 ? sum : countdown(n - 1, sum ^ n);
}

static uint64_t pong(uint64_t n, uint64_t sum);
NOINLINE static uint64_t ping(uint64_t n, uint64_t sum) { return n == 0 ? sum : pong(n - 1, sum + step(sum)); }
NOINLINE static uint64_t pong(uint64_t n, uint64_t sum) { return n < 2 ? sum * 3 : ping(n - 2, sum ^ step(n)); }

typedef uint64_t (*unary)(uint64_t);
NOINLINE static uint64_t forwarded(unary f, uint64_t a) {
  uint64_t x = step(a);
  return f(x + a);
}

NOINLINE static size_t measured(const char *text) {
  sink = step((uint64_t)text[0]);
  return strlen(text);
}

NOINLINE static uint64_t eight(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g, uint64_t h) {
  return step(a + b) + step(c + d) * step(e + f) + g * h;
}
NOINLINE static uint64_t swapped(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g, uint64_t h) {
  return eight(h, g, f, e, d, c, b, a);
}

NOINLINE static uint64_t shared_tail(uint64_t kind, uint64_t a) {
  uint64_t x = step(a), y = step(x);
  switch (kind) {
  case 0: return forwarded(step, x);
  case 1: return countdown(2, y);
  case 2: return ping(3, x + y);
  case 3: return swapped(x, y, a, kind, 1, 2, 3, 4);
  default: return x * y;
  }
}

// Jumps out.
static jmp_buf outer, inner;

NOINLINE __attribute__((noreturn)) static void leave(jmp_buf place, int value) {
  sink = step((uint64_t)value);
  longjmp(place, value);
}

NOINLINE static uint64_t descended(unsigned depth, uint64_t a) {
  uint64_t x = step(a), y = x ^ depth;
  if (depth == 0 && y != 0) leave(outer, 5);
  if (depth == 0) return 1;
  uint64_t below = descended(depth - 1, y);
  return below + x * y;
}

NOINLINE static uint64_t caught_outside(uint64_t a) {
  volatile uint64_t kept = step(a);
  switch (setjmp(outer)) {
  case 0: return descended(4, a);
  case 5: return kept + step(kept);
  default: return 1;
  }
}

NOINLINE static uint64_t retried(void) {
  volatile int tries = 0;
  int value = setjmp(inner);
  tries++;
  if (value < 3) leave(inner, value + 1);
  return (uint64_t)tries * 100 + (uint64_t)value;
}

NOINLINE static uint64_t builtin_jumped(uint64_t a) {
  volatile uint64_t result = step(a);
  if (setjmp(outer) == 0) {
    if (setjmp(inner) == 0) leave(inner, 1);
    result += 7;
    leave(outer, 2);
  }
  return result;
}

// Signals.
static sigjmp_buf behind;
static volatile sig_atomic_t count;

static void counting(int number) { count += number; }

static void informed(int number, siginfo_t *information, void *context) {
  const ucontext_t *frame = context;
  count += number + (information->si_signo == number);
  sink = (uint64_t)frame->uc_mcontext.gregs[REG_RIP];
  sink = step((uint64_t)count);
}

static void escaping(int number) {
  sink = step((uint64_t)number);
  siglongjmp(behind, number);
}

NOINLINE static void installed(int number, void (*plain)(int), void (*full)(int, siginfo_t *, void *), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  if (full) action.sa_sigaction = full;
  else action.sa_handler = plain;
  action.sa_flags = flags | (full ? SA_SIGINFO : 0);
  sigaction(number, &action, NULL);
}

NOINLINE static uint64_t raised(void) {
  installed(SIGUSR1, counting, NULL, 0);
  installed(SIGUSR2, NULL, informed, SA_NODEFER);
  raise(SIGUSR1);
  raise(SIGUSR2);
  raise(SIGUSR1);
  return (uint64_t)count;
}

NOINLINE static uint64_t faulted(volatile int *nowhere) {
  installed(SIGSEGV, escaping, NULL, SA_NODEFER);
  volatile uint64_t before = step(3);
  if (sigsetjmp(behind, 1) == 0) {
    *nowhere = 1;
    return 0;
  }
  return before + step(before);
}

NOINLINE static uint64_t trapped(int64_t a, volatile int64_t *by) {
  installed(SIGFPE, escaping, NULL, 0);
  if (sigsetjmp(behind, 1) == 0) return (uint64_t)(a / *by);
  return step((uint64_t)a);
}

// Callbacks.
static int ascending(const void *a, const void *b) {
  int x = *(const int *)a, y = *(const int *)b;
  return (x > y) - (x < y);
}
static int by_hash(const void *a, const void *b) {
  uint64_t x = step((uint64_t) * (const int *)a), y = step((uint64_t) * (const int *)b);
  return x < y ? -1 : x > y;
}
NOINLINE static uint64_t searched(void) {
  int numbers[20], key = 11;
  for (int i = 0; i < 20; i++) numbers[i] = i * 7 % 20;
  qsort(numbers, 20, sizeof *numbers, by_hash);
  uint64_t sum = (uint64_t)numbers[3];
  qsort(numbers, 20, sizeof *numbers, ascending);
  int *place = bsearch(&key, numbers, 20, sizeof *numbers, ascending);
  return sum * 100 + (uint64_t)(place - numbers);
}

static uint64_t visited;
static void visit(const void *node, VISIT when, int depth) {
  if (when == postorder || when == leaf) visited = visited * 31 + step((uint64_t)(**(int *const *)node + depth));
}
static void nothing(void *key) { sink = step(*(int *)key & 7); }
NOINLINE static uint64_t tree(void) {
  static int keys[] = {4, 2, 6, 1, 3, 5, 7};
  void *root = NULL;
  for (unsigned i = 0; i < 7; i++) tsearch(&keys[i], &root, ascending);
  twalk(root, visit);
  tdestroy(root, nothing);
  return visited;
}

NOINLINE static uint64_t nested_sort(unsigned depth);
static unsigned level;
static int sorting(const void *a, const void *b) {
  if (level > 0) {
    level--;
    sink = nested_sort(level);
  }
  return ascending(a, b);
}
NOINLINE static uint64_t nested_sort(unsigned depth) {
  int numbers[5] = {3, 1, 2, 5, (int)depth};
  qsort(numbers, 5, sizeof *numbers, sorting);
  return step((uint64_t)numbers[2]);
}

// Seldom executed.
NOINLINE __attribute__((cold)) static uint64_t failed(const char *text, ...) {
  char line[64];
  va_list list;
  va_start(list, text);
  int size = vsnprintf(line, sizeof line, text, list);
  va_end(list);
  return step((uint64_t)size) + (uint64_t)line[0];
}

NOINLINE static uint64_t guarded(const uint64_t *words, unsigned size, uint64_t limit) {
  uint64_t sum = 0;
  for (unsigned i = 0; i < size; i++) {
    uint64_t word = step(words[i]) >> 60;
    if (__builtin_expect(word > limit, 0)) {
      sum += failed("%u: %llu", i, (unsigned long long)word);
      if (word > limit + 8) return sum + failed("end");
    }
    sum = sum * 3 + word;
  }
  return sum;
}

NOINLINE __attribute__((noreturn)) static void ended(uint64_t total) {
  printf("%llx\n", (unsigned long long)total);
  exit(0);
}

static void at_end(void) {
  sink = step(count != 0);
  fflush(stdout);
}

NOINLINE static uint64_t goes_on(uint64_t a, uint64_t total) {
  if (a > 3 && total != 0) ended(total + step(a));
  if (a > 9) return 0;
  uint64_t x = step(a), y = step(total);
  return goes_on(a + 1, x ^ y) + x + y;
}

// Several ways out of nested loops, saved registers live in all.
NOINLINE static uint64_t ways(uint64_t a, uint64_t b) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < 4; i++) {
    for (uint64_t k = i; k < 5; k++) {
      uint64_t x = step(i * a + k);
      if ((x >> 61) == b) return sum + x;
      if ((x >> 60 & 7) == 3) goto next;
      sum += step(x) ^ k;
    }
    if (sum >> 63) break;
  next:
    sum += b;
  }
  return sum + step(b);
}

// Early returns before registers are saved, and registers that are saved for one path only.
NOINLINE static uint64_t wrapped(uint64_t *words, unsigned size) {
  if (size == 0) return 7;
  if (words[0] == 99) return words[0] + 1;
  if (size > 2) {
    uint64_t a = step(words[0]), b = step(words[1]), c = step(words[2]);
    if (a > b) words[0] = step(c);
    return a + b * c + words[0];
  }
  return step(words[0]);
}

int main(void) {
  uint64_t words[6] = {1, 2, 3, 4, 5, 6}, total = 0;
  total += countdown(4, 1) + ping(6, 2) + forwarded(step, 8) + measured("text") + swapped(1, 2, 3, 4, 5, 6, 7, 8);
  for (uint64_t kind = 0; kind < 5; kind++) total ^= shared_tail(kind, total);
  total += caught_outside(3) + retried() + builtin_jumped(4) + raised() + faulted(NULL);
  volatile int64_t zero = 0, two = 2;
  total += trapped(5, &zero) + trapped(6, &two) + searched() + tree();
  level = 3;
  total += nested_sort(4) + guarded(words, 6, 4) + guarded(words, 6, 15) + guarded(words, 3, 0);
  for (uint64_t b = 0; b < 9; b++) total = total * 3 + ways(b + 1, b);
  total += wrapped(words, 0) + wrapped(words, 1) + wrapped(words, 6);
  atexit(at_end);
  return (int)goes_on(0, total);
}
