// Callers of a resume with values in registers, which a fiber then overwrites.
//
//   outside_variables
//
// With PLAIN_ENTRIES every switch goes through the plain C entry points, also where the compiler knows preserve_none. To clang all
// of a caller's scratch registers then hold variables at "pc - 1" of the call, to gcc only those that pass no argument.
//
// Every variable that a debugger is to read is listed in `truth_variables` with its value while that stands. Values come from a
// volatile seed, so that no compiler knows them, and are used after the call, so that they live across it.

#include <stdlib.h>

#include "CFiberAsm.h"

#ifdef __clang__
#define OWN_FRAME __attribute__((noinline))
#else
#define OWN_FRAME __attribute__((noipa))
#endif
#define STACK_SIZE 0x10000
#ifdef PLAIN_ENTRIES
#define ft_resume ft_fiber_resume_c
#define ft_suspend ft_fiber_suspend_c
#endif

// Read from outside. `is_set` is 0 while the variable has no value.
struct variable {
  const char *function, *name;
  long value;
  int is_set;
};
#define VARIABLE(function, name) {function, name, 0, 0}
#define SCRATCH(function)                                                                                              \
  VARIABLE(function, "in_rax"), VARIABLE(function, "in_rcx"), VARIABLE(function, "in_rdx"),                            \
      VARIABLE(function, "in_rsi"), VARIABLE(function, "in_rdi"), VARIABLE(function, "in_r8"),                         \
      VARIABLE(function, "in_r9"), VARIABLE(function, "in_r10"), VARIABLE(function, "in_r11")
#define SCRATCH_COUNT 9
struct variable truth_variables[] = {
    VARIABLE("keeps_five", "a"),      VARIABLE("keeps_five", "b"),      VARIABLE("keeps_five", "c"),
    VARIABLE("keeps_five", "d"),      VARIABLE("keeps_five", "e"),      VARIABLE("calls_with_five", "f"),
    VARIABLE("calls_with_five", "g"), VARIABLE("calls_with_five", "h"), VARIABLE("calls_with_five", "i"),
    VARIABLE("calls_with_five", "j"), VARIABLE("ft_resume", "value"),   SCRATCH("resumes_from_scratch"),
    SCRATCH("suspends_from_scratch"),
};
enum { A, B, C, D, E, F, G, H, I, J, VALUE, RESUMES, SUSPENDS = RESUMES + SCRATCH_COUNT };
// The stepper reads these of every program; this one has no truth about frames to tell.
char truth_here[2048], truth_there[2048];

static volatile long seed = 0x5eed;
static volatile long sink;
static struct ft_record record;

OWN_FRAME static long remember(int index, long value) {
  truth_variables[index].value = value;
  truth_variables[index].is_set = 1;
  return value;
}

OWN_FRAME static void forget(int first, int last) {
  for (int index = first; index <= last; index++)
    truth_variables[index].is_set = 0;
}

OWN_FRAME void observe(void) { __asm__ volatile("" ::: "memory"); }

// What the other side of a switch finds in the scratch registers is not its own.
#define FILL_SCRATCH()                                                                                                 \
  __asm__ volatile("mov $-1, %%rax; mov %%rax, %%rcx; mov %%rax, %%rdx; mov %%rax, %%rsi; mov %%rax, %%rdi\n\t"        \
                   "mov %%rax, %%r8; mov %%rax, %%r9; mov %%rax, %%r10; mov %%rax, %%r11" ::                           \
                       : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11")

// ---- The resumer's side ----

OWN_FRAME static void *keeps_five(void) {
  long a = remember(A, seed * 3), b = remember(B, seed * 5), c = remember(C, seed * 7), d = remember(D, seed * 11),
       e = remember(E, seed * 13);
  void *value = (void *)remember(VALUE, seed * 17);
  FILL_SCRATCH();
  void *result = ft_resume(&record, value);
  forget(VALUE, VALUE);
  sink = a ^ b ^ c ^ d ^ e;
  forget(A, E);
  return result;
}

// Five values in callee-saved registers, which the function it calls must save.
OWN_FRAME static void *calls_with_five(void) {
  long f = remember(F, seed * 19), g = remember(G, seed * 23), h = remember(H, seed * 29), i = remember(I, seed * 31),
       j = remember(J, seed * 37);
  void *result = keeps_five();
  sink = f ^ g ^ h ^ i ^ j;
  forget(F, J);
  return result;
}

// Values known to lie in scratch registers of the call, and nowhere else; rdi holds `own`, and the call passes rdi and rsi.
#define LEAVE_IN_SCRATCH(first, number, own)                                                                           \
  long start = remember(first, seed * (number)), fiber = (long)(own);                                                  \
  long in_rax, in_rcx, in_rdx, in_rsi, in_rdi;                                                                         \
  register long in_r8 __asm__("r8"), in_r9 __asm__("r9"), in_r10 __asm__("r10"), in_r11 __asm__("r11");                \
  for (int index = 1; index < SCRATCH_COUNT; index++)                                                                  \
    remember((first) + index, index == 4 ? fiber : start + index);                                                     \
  __asm__ volatile("mov %9, %0; lea 1(%9), %1; lea 2(%9), %2; lea 3(%9), %3; mov %10, %4\n\t"                          \
                   "lea 5(%9), %5; lea 6(%9), %6; lea 7(%9), %7; lea 8(%9), %8"                                        \
                   : "=&a"(in_rax), "=&c"(in_rcx), "=&d"(in_rdx), "=&S"(in_rsi), "=&D"(in_rdi), "=&r"(in_r8),          \
                     "=&r"(in_r9), "=&r"(in_r10), "=&r"(in_r11)                                                        \
                   : "r"(start), "r"(fiber));                                                                          \
  __asm__ volatile("" ::"a"(in_rax), "c"(in_rcx), "d"(in_rdx), "S"(in_rsi), "D"(in_rdi), "r"(in_r8), "r"(in_r9),       \
                   "r"(in_r10), "r"(in_r11))

OWN_FRAME static void resumes_from_scratch(void) {
  LEAVE_IN_SCRATCH(RESUMES, 41, &record);
  ft_resume((struct ft_record *)in_rdi, (void *)in_rsi);
  forget(RESUMES, RESUMES + SCRATCH_COUNT - 1);
}

// ---- The fiber ----

OWN_FRAME static void suspends_from_scratch(struct ft_record *own) {
  LEAVE_IN_SCRATCH(SUSPENDS, 71, own);
  ft_suspend((struct ft_record *)in_rdi, (void *)in_rsi);
  forget(SUSPENDS, SUSPENDS + SCRATCH_COUNT - 1);
}

/// Fills the registers with values of its own, looks out, and does so again after each suspend.
static void *body(struct ft_record *own, void *value, void *argument) {
  long k = seed * 43, l = seed * 47, m = seed * 53, n = seed * 59, o = seed * 61, p = seed * 67;
  for (int round = 0; round < 3; round++) {
    observe();
    value = (void *)(k ^ (long)value);
    FILL_SCRATCH();
    value = ft_suspend(own, value);
    k += l, l += m, m += n, n += o, o += p, p += k;
  }
  suspends_from_scratch(own);
  observe();
  sink = k ^ l ^ m ^ n ^ o ^ p;
  return argument;
}

int main(void) {
  char *stack = malloc(STACK_SIZE);
  if (stack == NULL)
    return 3;
  uint64_t low = (uint64_t)stack, high = low + STACK_SIZE;
  ft_fiber_init(&record, low, high, ft_stack_base(low, high, 1), body, &record);
  calls_with_five();
  resumes_from_scratch();
  keeps_five();
  keeps_five();
  calls_with_five();
  return 0;
}
