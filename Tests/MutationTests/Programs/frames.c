// Frames as C compilers make them: leaves, saved registers, big and variable frames, realigned ones, switches, tail calls.
#include <alloca.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline, noclone))
#ifdef __clang__
#undef NOINLINE
#define NOINLINE __attribute__((noinline))
#endif

static volatile uint64_t sink;

NOINLINE static uint64_t leaf(uint64_t a, uint64_t b) { return a * 31 + b; }

NOINLINE static uint64_t red_zone(const uint64_t *v) {
  volatile uint64_t kept[6];
  for (int i = 0; i < 6; i++) kept[i] = v[i] ^ (uint64_t)i;
  return kept[0] + kept[3] * kept[5];
}

NOINLINE static uint64_t many(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f) {
  uint64_t s = leaf(a, b), t = leaf(c, d), u = leaf(e, f), v = leaf(a, f), w = leaf(b, e), x = leaf(c, c);
  s += leaf(t, u);
  t ^= leaf(v, w);
  return s + t * u + v - w + x + a + b + c + d + e + f;
}

NOINLINE static uint64_t spilled(const uint64_t *v) {
  uint64_t a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], f = v[5], g = v[6], h = v[7];
  uint64_t sum = 0;
  for (int i = 0; i < 3; i++) {
    sum += leaf(a, b) ^ leaf(c, d) ^ leaf(e, f) ^ leaf(g, h);
    a += h; b += g; c += f; d += e; e ^= a; f ^= b; g ^= c; h ^= d;
  }
  return sum + a + b + c + d + e + f + g + h;
}

NOINLINE static uint64_t big(unsigned n) {
  unsigned char bytes[5000];
  memset(bytes, (int)n, sizeof bytes);
  sink = bytes[n % 5000];
  return leaf(bytes[1], bytes[4999]);
}

NOINLINE static uint64_t variable(unsigned n) {
  uint64_t words[n];
  for (unsigned i = 0; i < n; i++) words[i] = leaf(i, n);
  return words[n - 1] + words[0];
}

NOINLINE static uint64_t allocated(unsigned n) {
  uint64_t sum = 0;
  for (unsigned i = 1; i <= n; i++) {
    char *room = alloca(i * 24);
    memset(room, (int)i, i * 24);
    sum += leaf((uint64_t)room[0], i);
  }
  return sum;
}

NOINLINE static uint64_t realigned(unsigned n) {
  _Alignas(64) uint64_t words[8];
  for (unsigned i = 0; i < 8; i++) words[i] = leaf(i, n);
  return words[n & 7] + ((uintptr_t)words & 63);
}

NOINLINE static uint64_t realigned_variable(unsigned n) {
  _Alignas(32) uint64_t words[4];
  uint64_t *more = alloca(n * 8);
  for (unsigned i = 0; i < n; i++) more[i] = words[i & 3] = leaf(i, n);
  return words[1] + more[n - 1];
}

NOINLINE static uint64_t sum(int count, ...) {
  va_list list;
  va_start(list, count);
  uint64_t result = 0;
  for (int i = 0; i < count; i++) result += va_arg(list, uint64_t);
  va_end(list);
  return result;
}

NOINLINE static uint64_t summed_doubles(int count, ...) {
  va_list list;
  va_start(list, count);
  double result = 0;
  for (int i = 0; i < count; i++) result += va_arg(list, double);
  va_end(list);
  return (uint64_t)result;
}

NOINLINE static uint64_t selected(unsigned kind, uint64_t a) {
  switch (kind) {
  case 0: return leaf(a, 1);
  case 1: return many(a, 2, 3, 4, 5, 6);
  case 2: return leaf(a, 3) + leaf(a, 4);
  case 3: return red_zone((uint64_t[]){a, 2, 3, 4, 5, 6});
  case 4: return a ^ leaf(3, a);
  case 5: return variable(3);
  case 6: return big((unsigned)a);
  default: return 0;
  }
}

NOINLINE static uint64_t interpreted(const unsigned char *program) {
  static const void *const labels[] = {&&add, &&multiply, &&call, &&stop};
  uint64_t value = 1;
  goto *labels[*program];
add:
  value += 7;
  goto *labels[*++program];
multiply:
  value *= 3;
  goto *labels[*++program];
call:
  value = leaf(value, 5);
  goto *labels[*++program];
stop:
  return value;
}

NOINLINE static uint64_t factorial(uint64_t n) { return n < 2 ? 1 : n * factorial(n - 1) + leaf(n, 1); }

NOINLINE static uint64_t odd(unsigned n);
NOINLINE static uint64_t even(unsigned n) { return n == 0 ? 1 : odd(n - 1); }
NOINLINE static uint64_t odd(unsigned n) { return n == 0 ? 0 : even(n - 1); }

NOINLINE static uint64_t early(uint64_t a, uint64_t b) {
  if (__builtin_expect(a == 0, 0)) return b;
  uint64_t x = leaf(a, b), y = leaf(b, a);
  if (x > y) return many(x, y, a, b, 1, 2) + x + y;
  return leaf(x, y) + a + b + x * y;
}

NOINLINE static uint64_t wrapped(uint64_t a) {
  if (a > 100) return early(a, 3);
  uint64_t x = leaf(a, 9), y = leaf(x, a), z = leaf(y, x);
  return x + leaf(y, z) + y * z;
}

NOINLINE __attribute__((cold)) static uint64_t rare(uint64_t a) { return many(a, a, a, a, a, a) + leaf(a, a); }

NOINLINE static uint64_t with_cold(uint64_t a) {
  uint64_t x = leaf(a, 1), y = leaf(a, 2);
  for (uint64_t i = 0; i < 3; i++) {
    if (__builtin_expect(x == 63 + i, 0)) {
      y += rare(x);
      x ^= rare(y) + i;
    }
    x += leaf(x, y);
  }
  return x + y;
}

struct wide { uint64_t words[9]; };

NOINLINE static struct wide widened(uint64_t a, struct wide other) {
  struct wide result;
  for (int i = 0; i < 9; i++) result.words[i] = leaf(a + (uint64_t)i, other.words[8 - i]);
  return result;
}

NOINLINE static double floating(double a, double b, double c, double d) {
  double x = a * b + c, y = d / (b + 1);
  sink = (uint64_t)x;
  return x * y - a + (double)leaf((uint64_t)c, 3);
}

static int compared(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  sink = leaf(x, y);
  return x < y ? -1 : x > y;
}

NOINLINE static uint64_t sorted(unsigned n) {
  uint64_t words[16];
  for (unsigned i = 0; i < 16; i++) words[i] = leaf(i * n, 77) % 101;
  qsort(words, 16, sizeof words[0], compared);
  return words[0] + words[15] * words[8];
}

static jmp_buf place;

NOINLINE static void jumps(unsigned n) {
  uint64_t room[8] = {n};
  sink = leaf(room[0], n);
  if (n > 3) longjmp(place, (int)n);
  jumps(n + 1);
  sink = room[0];
}

NOINLINE static uint64_t jumped(void) {
  volatile uint64_t count = 0;
  int value = setjmp(place);
  if (value == 0) jumps(0);
  count += (uint64_t)value;
  return leaf(count, 1);
}

static volatile sig_atomic_t handled;

static void handler(int number) {
  uint64_t room[4] = {(uint64_t)number};
  handled += (int)leaf(room[0], 1);
}

NOINLINE static uint64_t signalled(void) {
  static char stack[65536];
  stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&other, NULL);
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  return (uint64_t)handled;
}

typedef uint64_t (*operation)(uint64_t, uint64_t);

NOINLINE static uint64_t applied(operation const *operations, unsigned n, uint64_t a) {
  for (unsigned i = 0; i < n; i++) a = operations[i](a, i);
  return a;
}

NOINLINE __attribute__((noreturn)) static void finished(uint64_t a) {
  printf("%llx\n", (unsigned long long)(a + leaf(a, 0) * 0));
  fflush(stdout);
  exit(a == 0);
}

NOINLINE static uint64_t checked(uint64_t a, const char *name) {
  if (strcmp(name, "none") == 0) finished(a);
  uint64_t x = leaf(a, strlen(name));
  return x + leaf(x, a);
}

int main(void) {
  uint64_t v[8] = {1, 2, 3, 4, 5, 6, 7, 8}, total = 0;
  total += leaf(1, 2) + red_zone(v) + many(1, 2, 3, 4, 5, 6) + spilled(v) + big(3) + variable(5) + allocated(3);
  total += realigned(5) + realigned_variable(6) + sum(8, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
  total += summed_doubles(3, 1.5, 2.5, 3.0);
  for (unsigned i = 0; i < 8; i++) total += selected(i, total & 0xff);
  total += interpreted((const unsigned char[]){0, 1, 2, 0, 1, 3}) + factorial(5) + even(6) + odd(3);
  total += early(0, 4) + early(3, 4) + early(1000, 1) + wrapped(3) + wrapped(300) + with_cold(1) + with_cold(2);
  struct wide wide = {{1, 2, 3, 4, 5, 6, 7, 8, 9}};
  total += widened(3, wide).words[4] + (uint64_t)floating(1, 2, 3, 4) + sorted(5) + jumped();
  total += signalled() + applied((const operation[]){leaf, leaf, leaf}, 3, 4) + checked(4, "some");
  checked(total, "none");
}
