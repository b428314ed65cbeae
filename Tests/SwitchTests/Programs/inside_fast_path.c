// unw_backtrace inside nested fibers, between marks at which a debugger watches whether libunwind leaves its fast path. The
// control walks a frame whose rule the fast path does not know.

#define UNW_LOCAL_ONLY
#include "inside_stack.h"

#include <libunwind.h>

#define MARK(name)                                                                                                     \
  __attribute__((noinline)) void name(void) { __asm__ volatile(""); }

MARK(measure_begin)
MARK(measure_end)
MARK(control_begin)
MARK(control_end)

// Its CFA is an expression, breg7 (rsp) + 16, instead of a register and an offset.
void call_from_odd_frame(void (*function)(void));
__asm__(".text\n"
        ".type call_from_odd_frame, @function\n"
        "call_from_odd_frame:\n"
        ".cfi_startproc\n"
        "  subq $8, %rsp\n"
        "  .cfi_escape 0x0f, 2, 0x77, 16\n" // def_cfa_expression, 2 bytes: breg7 16
        "  callq *%rdi\n"
        "  addq $8, %rsp\n"
        "  .cfi_def_cfa %rsp, 8\n"
        "  ret\n"
        ".cfi_endproc\n"
        ".size call_from_odd_frame, . - call_from_odd_frame\n");

static void *pcs[64];

/// Walks from one place four times: while it warms up, the fast path learns each pc by the slow one.
__attribute__((noinline)) static void walk(void (*begin)(void), void (*end)(void)) {
  for (int i = 0; i < 4; i++) {
    if (i == 3)
      begin();
    __asm__ volatile("" : "+r"(i)); // one call, with one return address: no unrolling
    int count = unw_backtrace(pcs, 64);
    if (i == 3) {
      end();
      printf("frames %d\n", count);
    }
  }
}

static void control(void) {
  walk(control_begin, control_end);
  __asm__ volatile("");
}

static void *inner(struct ft_record *record, void *value, void *argument) {
  (void)record, (void)argument;
  walk(measure_begin, measure_end);
  call_from_odd_frame(control);
  return value;
}

static void *outer(struct ft_record *record, void *value, void *argument) {
  (void)record, (void)argument;
  value = ft_resume(make_fiber(inner, NULL, false), value);
  __asm__ volatile("");
  return value;
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  ft_resume(make_fiber(outer, NULL, false), NULL);
  return 0;
}
