// Functions that seem to call nothing but suspend, with more variables than registers, which a compiler would like to keep below
// rsp. Each runs as a fiber; between its suspends the resumer changes every register. Exits with 1 if a variable has changed.

#include "inside_stack.h"

static volatile long seed = 0x5eed;
static int wrong;

/// What a caller of ft_suspend may not count on: every register but rsp and rbp.
static void change_registers(void) {
  __asm__ volatile("mov $-1, %%rax; mov %%rax, %%rbx; mov %%rax, %%rcx; mov %%rax, %%rdx; mov %%rax, %%rsi\n\t"
                   "mov %%rax, %%rdi; mov %%rax, %%r8; mov %%rax, %%r9; mov %%rax, %%r10; mov %%rax, %%r11\n\t"
                   "mov %%rax, %%r12; mov %%rax, %%r13; mov %%rax, %%r14; mov %%rax, %%r15; finit\n\t"
                   "pcmpeqd %%xmm0, %%xmm0; movdqa %%xmm0, %%xmm1; movdqa %%xmm0, %%xmm2; movdqa %%xmm0, %%xmm3\n\t"
                   "movdqa %%xmm0, %%xmm4; movdqa %%xmm0, %%xmm5; movdqa %%xmm0, %%xmm6; movdqa %%xmm0, %%xmm7\n\t"
                   "movdqa %%xmm0, %%xmm8; movdqa %%xmm0, %%xmm9; movdqa %%xmm0, %%xmm10; movdqa %%xmm0, %%xmm11\n\t"
                   "movdqa %%xmm0, %%xmm12; movdqa %%xmm0, %%xmm13; movdqa %%xmm0, %%xmm14; movdqa %%xmm0, %%xmm15" ::
                       : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
                         "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                         "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
#ifdef __AVX512F__
  __asm__ volatile("vpternlogd $255, %%zmm16, %%zmm16, %%zmm16; vmovdqa64 %%zmm16, %%zmm17\n\t"
                   "vmovdqa64 %%zmm16, %%zmm18; vmovdqa64 %%zmm16, %%zmm19; vmovdqa64 %%zmm16, %%zmm20\n\t"
                   "vmovdqa64 %%zmm16, %%zmm21; vmovdqa64 %%zmm16, %%zmm22; vmovdqa64 %%zmm16, %%zmm31\n\t"
                   "kxnorw %%k1, %%k1, %%k1; kmovw %%k1, %%k7" ::
                       : "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm31", "k1", "k7");
#endif
}

#define VALUES(type, by)                                                                                               \
  type a = (type)(seed by 3), b = (type)(seed by 5), c = (type)(seed by 7), d = (type)(seed by 11),                    \
       e = (type)(seed by 13), f = (type)(seed by 17), g = (type)(seed by 19), h = (type)(seed by 23),                 \
       i = (type)(seed by 29), j = (type)(seed by 31), k = (type)(seed by 37), l = (type)(seed by 41),                 \
       m = (type)(seed by 43), n = (type)(seed by 47), o = (type)(seed by 53), p = (type)(seed by 59)
#define SUM                                                                                                            \
  (a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j + 11 * k + 12 * l + 13 * m + 14 * n +     \
   15 * o + 16 * p)

/// A function that suspends with sixteen variables of a type, twice.
#define LEAF(name, type)                                                                                               \
  static void *name(struct ft_record *record, void *value, void *argument) {                                           \
    VALUES(type, *);                                                                                                   \
    type before = (type)SUM;                                                                                                 \
    value = ft_suspend(record, value);                                                                                 \
    type between = (type)SUM;                                                                                                \
    value = ft_suspend(record, value);                                                                                 \
    wrong += before != (type)SUM || between != before || (long)value != 3;                                             \
    return argument;                                                                                                   \
  }

typedef double vector __attribute__((vector_size(64)));

LEAF(whole_numbers, long)
LEAF(small_numbers, unsigned char)
LEAF(doubles, double)
LEAF(extended, long double)

static void *vectors(struct ft_record *record, void *value, void *argument) {
  VALUES(double, *);
  vector x = {a, b, c, d, e, f, g, h}, y = {i, j, k, l, m, n, o, p};
  value = ft_suspend(record, value);
  x *= y;
  value = ft_suspend(record, value);
  for (int index = 0; index < 8; index++)
    wrong += x[index] != (double[]){a, b, c, d, e, f, g, h}[index] * y[index];
  wrong += (long)value != 3;
  return argument;
}

/// An array of fewer than 128 bytes.
static void *small_array(struct ft_record *record, void *value, void *argument) {
  volatile unsigned char array[104];
  for (int index = 0; index < 104; index++)
    array[index] = (unsigned char)(index ^ seed);
  value = ft_suspend(record, value);
  for (int index = 0; index < 104; index++)
    wrong += array[index] != (unsigned char)(index ^ seed);
  value = ft_suspend(record, value);
  for (int index = 0; index < 104; index++)
    wrong += array[index] != (unsigned char)(index ^ seed);
  wrong += (long)value != 3;
  return argument;
}

/// A frame of a size known at run time with a variable of more than the stack's alignment: clang wants a third register for it.
static void *aligned_and_sized(struct ft_record *record, void *value, void *argument) {
  long count = seed & 63;
  _Alignas(64) volatile long aligned[8];
  volatile long sized[count + 1];
  VALUES(long, *);
  long before = SUM;
  for (int index = 0; index < 8; index++)
    aligned[index] = seed + index;
  sized[count] = seed;
  value = ft_suspend(record, value);
  wrong += (uintptr_t)aligned % 64 != 0;
  value = ft_suspend(record, value);
  for (int index = 0; index < 8; index++)
    wrong += aligned[index] != seed + index;
  wrong += sized[count] != seed || before != SUM || (long)value != 3;
  return argument;
}

/// The control: it does call nothing, and what it keeps lies below rsp.
__attribute__((noinline)) static void *control(void) {
  volatile unsigned char array[104];
  for (int index = 0; index < 104; index++)
    array[index] = (unsigned char)(index ^ seed);
  return (void *)(long)array[seed & 63];
}

int main(void) {
#ifdef __AVX512F__
  if (!__builtin_cpu_supports("avx512f"))
    return puts("no AVX-512 here"), 0;
#endif
  static const ft_fiber_entry bodies[] = {whole_numbers, small_numbers, doubles,          extended,
                                          vectors,       small_array,   aligned_and_sized};
  for (size_t index = 0; index < sizeof bodies / sizeof *bodies; index++) {
    struct ft_record *fiber = make_fiber(bodies[index], (void *)7, index % 2 != 0);
    wrong += ft_resume(fiber, (void *)1) != (void *)1;
    change_registers();
    wrong += ft_resume(fiber, (void *)2) != (void *)2;
    change_registers();
    wrong += ft_resume(fiber, (void *)3) != (void *)7 || !(fiber->identity & FT_FLAG_FINISHED);
    if (wrong != 0)
      return printf("WRONG: function %zu\n", index), 1;
  }
  return control() == (void *)-1;
}
