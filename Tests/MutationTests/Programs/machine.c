// Frames that only what the machine has makes: vectors, x87, flags pushed by hand, instructions with registers of their own,
// and code that saves registers where it needs them and not before.
#include <alloca.h>
#include <complex.h>
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))

static volatile uint64_t sink;

NOINLINE static uint64_t mixed(uint64_t a, uint64_t b) {
  a ^= b >> 7;
  a *= 0x9e3779b97f4a7c15u;
  return a ^ (a >> 29);
}

// Flags: words on the stack that the compiler does not know of. The variable frame makes it find everything by rbp, so that its rows
// hold here too; the red zone is left alone.
NOINLINE static uint64_t flags(uint64_t a, uint64_t b) {
  uint64_t result;
  volatile unsigned char *room = alloca((a & 7) + 16);
  room[0] = (unsigned char)b;
  __asm__ volatile("lea -128(%%rsp), %%rsp\n\tcmp %2, %1\n\tpushfq\n\tpop %0\n\tlea 128(%%rsp), %%rsp"
                   : "=&r"(result)
                   : "r"(a), "r"(b)
                   : "cc", "memory");
  return (result & 0x8d5) + room[0];
}

NOINLINE static uint64_t flags_around(uint64_t a) {
  uint64_t before = mixed(a, 1), one = flags(a, 5), two = flags(5, a);
  return before + one * 3 + two;
}

NOINLINE static uint64_t identified(unsigned leaf) {
  unsigned a = leaf, b = 0, c = 0, d = 0;
  __asm__ volatile("cpuid" : "+a"(a), "+b"(b), "+c"(c), "+d"(d));
  sink = a + b + c + d;
  return mixed(leaf, 3);
}

NOINLINE static uint64_t clobbered(uint64_t a) {
  __asm__ volatile("xor %%ebx, %%ebx\n\txor %%r12d, %%r12d\n\txor %%r15d, %%r15d" ::: "rbx", "r12", "r15", "cc");
  uint64_t x = mixed(a, 11);
  __asm__ volatile("" ::: "r13", "r14");
  return x + mixed(x, a);
}

NOINLINE static uint64_t copied(const unsigned char *from, size_t size) {
  unsigned char to[64];
  const unsigned char *source = from;
  unsigned char *target = to;
  size_t count = size;
  __asm__ volatile("rep movsb" : "+S"(source), "+D"(target), "+c"(count)::"memory");
  return mixed(to[0], to[size - 1]);
}

NOINLINE static uint64_t divided(uint64_t a, uint64_t b) { return a / b * 7 + a % (b + 1); }

NOINLINE static uint64_t multiplied(uint64_t a, uint64_t b) {
  unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

NOINLINE static unsigned __int128 paired(uint64_t a, uint64_t b) {
  return (unsigned __int128)mixed(a, b) << 64 | mixed(b, a);
}

NOINLINE static __m128i shuffled(__m128i a, __m128i b) {
  __m128i low = _mm_unpacklo_epi32(a, b);
  return _mm_add_epi64(_mm_shuffle_epi32(low, 0x1b), b);
}

NOINLINE static uint64_t vectors(const uint64_t *words) {
  __m128i a = _mm_loadu_si128((const __m128i *)words), b = _mm_loadu_si128((const __m128i *)(words + 2));
  __m128i sum = shuffled(a, b);
  for (int i = 0; i < 3; i++) sum = shuffled(sum, _mm_xor_si128(a, sum));
  uint64_t kept[2];
  _mm_storeu_si128((__m128i *)kept, sum);
  return mixed(kept[0], kept[1]);
}

// Vectors that live through a call are spilled, to 16-byte aligned words.
NOINLINE static uint64_t spilled_vectors(const uint64_t *words) {
  __m128i a = _mm_loadu_si128((const __m128i *)words);
  __m128d d = _mm_set_pd((double)words[2], (double)words[3]);
  uint64_t x = mixed(words[0], words[1]);
  a = _mm_add_epi64(a, _mm_set1_epi64x((long long)x));
  d = _mm_add_pd(d, _mm_set1_pd(2));
  return mixed((uint64_t)_mm_cvtsi128_si64(a), x) + (uint64_t)_mm_cvtsd_f64(d);
}

// 32-byte vectors in memory make the compiler realign the stack.
__attribute__((target("avx"))) NOINLINE static uint64_t wide_vectors(const double *numbers) {
  __m256d a = _mm256_loadu_pd(numbers), b = _mm256_set1_pd(1.5);
  uint64_t x = mixed((uint64_t)numbers[0], 2);
  for (unsigned i = 0; i < 3; i++) {
    a = _mm256_add_pd(_mm256_mul_pd(a, b), _mm256_set1_pd((double)(i + (x & 1))));
    x = mixed(x, i);
  }
  double kept[4];
  _mm256_storeu_pd(kept, a);
  return (uint64_t)(kept[0] + kept[1] + kept[2] + kept[3]);
}

NOINLINE static uint64_t narrow_vectors(const double *numbers) {
  double kept[4];
  memcpy(kept, numbers, sizeof kept);
  uint64_t x = mixed((uint64_t)numbers[0], 2);
  for (unsigned i = 0; i < 3; i++) {
    for (unsigned k = 0; k < 4; k++) kept[k] = kept[k] * 1.5 + (double)(i + (x & 1));
    x = mixed(x, i);
  }
  return (uint64_t)(kept[0] + kept[1] + kept[2] + kept[3]);
}

NOINLINE static long double extended(long double a, long double b) {
  long double c = a * b + 1;
  return c / (b + (long double)mixed((uint64_t)a, 1) * 0);
}

NOINLINE static double complex turned(double complex a, double complex b) {
  double complex c = a + b * 2;
  sink = (uint64_t)creal(c);
  return c - a * (1 + I * 0);
}

struct three { uint64_t a, b, c; };
struct two_doubles { double a, b; };
struct mixed_pair { uint64_t a; double b; };

NOINLINE static struct three threefold(uint64_t a) { return (struct three){a, mixed(a, 1), mixed(a, 2)}; }
NOINLINE static struct two_doubles halved(double a) { return (struct two_doubles){a / 2, a - 1}; }
NOINLINE static struct mixed_pair both(uint64_t a) { return (struct mixed_pair){mixed(a, 4), (double)a}; }

NOINLINE static uint64_t by_value(struct three t, struct two_doubles d, struct mixed_pair m) {
  return t.a + t.b * t.c + (uint64_t)(d.a + d.b) + m.a + (uint64_t)m.b;
}

NOINLINE static uint64_t ten(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g, uint64_t h,
                             uint64_t i, uint64_t j) {
  return mixed(a, b) + mixed(c, d) * mixed(e, f) + mixed(g, h) * mixed(i, j);
}

NOINLINE static uint64_t ten_twice(uint64_t a) {
  return ten(a, 1, 2, 3, 4, 5, 6, 7, 8, 9) + ten(1, a, 3, a, 5, a, 7, a, 9, a);
}

NOINLINE static double many_doubles(double a, double b, double c, double d) {
  double e = a + b, f = c - d, g = a * d, h = b * c, i = a - c, j = b - d;
  double k = (double)mixed((uint64_t)e, 1);
  return e * f + g * h + i * j + k;
}

NOINLINE static float averaged(const float *numbers, unsigned count) {
  float sum = 0;
  for (unsigned i = 0; i < count; i++) sum += numbers[i] / (float)(i + 1);
  return sum;
}

NOINLINE static uint64_t counted(uint64_t a) {
  return (uint64_t)__builtin_popcountll(a) + (uint64_t)__builtin_clzll(a | 1) * 3 + (uint64_t)__builtin_ctzll(a | 8);
}

NOINLINE static uint64_t exchanged(uint64_t *place, uint64_t a) {
  uint64_t old = __atomic_exchange_n(place, a, __ATOMIC_SEQ_CST), expected = a;
  __atomic_compare_exchange_n(place, &expected, old + 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return __atomic_fetch_add(place, 3, __ATOMIC_SEQ_CST) + old;
}

NOINLINE static uint64_t zeroed(unsigned n) {
  struct { unsigned char bytes[300]; uint64_t words[40]; } both = {{0}, {0}};
  both.bytes[n % 300] = (unsigned char)n;
  both.words[n % 40] = n;
  sink = both.bytes[7];
  return mixed(both.bytes[n % 300], both.words[n % 40]);
}

NOINLINE static uint64_t three_pages(unsigned n) {
  volatile unsigned char room[12288];
  for (unsigned i = 0; i < 12288; i += 1024) room[i] = (unsigned char)(i >> 10);
  return mixed(room[n % 12 * 1024], n);
}

NOINLINE static uint64_t ended(uint64_t a) {
  if (a == 0) __builtin_trap();
  if (a > 1u << 30) abort();
  return mixed(a, 77);
}

// Its address is its own: where it is called from is read from the frame.
NOINLINE static uint64_t seen_from(uint64_t a) {
  sink = (uint64_t)__builtin_return_address(0);
  sink = (uint64_t)__builtin_frame_address(0);
  return mixed(a, 6);
}

int main(void) {
  uint64_t words[4] = {3, 5, 8, 13}, total = 0, place = 4;
  double numbers[4] = {1, 2, 3, 4.5};
  float floats[5] = {1, 2, 3, 4, 5};
  unsigned char bytes[40];
  for (unsigned i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * 7);
  total += flags_around(3) + flags_around(9) + identified(0) + clobbered(4) + copied(bytes, 33) + divided(1000, 7);
  total += multiplied(1ull << 40, 1ull << 41) + (uint64_t)(paired(3, 4) >> 60) + vectors(words) + spilled_vectors(words);
  total += __builtin_cpu_supports("avx") ? wide_vectors(numbers) : narrow_vectors(numbers);
  total += (uint64_t)extended(3, 4) + (uint64_t)creal(turned(1 + 2 * I, 3 + 4 * I));
  total += by_value(threefold(3), halved(7), both(4)) + ten_twice(12) + (uint64_t)many_doubles(1, 2, 3, 4);
  total += (uint64_t)averaged(floats, 5) + counted(0xff00f0) + exchanged(&place, 7) + zeroed(31) + three_pages(5);
  total += ended(5) + seen_from(2) + narrow_vectors(numbers);
  printf("%llx\n", (unsigned long long)total);
  return 0;
}
