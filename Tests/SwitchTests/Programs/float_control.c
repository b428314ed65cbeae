// Fibers that round in their own ways. Prints what each side found at each step.

#include "inside_stack.h"

#include <fenv.h>

static volatile double one = 1, three = 3;
static volatile long double long_one = 1, long_three = 3;

/// How this thread rounds, by what SSE and x87 make of 1/3 and -1/3; '?' if they do not agree.
static char rounding(void) {
  // Whether the quotients lie above those of the smaller and the greater neighbour of 1/3 in their formats.
  int sse_up = one / three > 0x1.5555555555555p-2, sse_down = -one / three < -0x1.5555555555555p-2;
  int x87_up = long_one / long_three > 0xa.aaaaaaaaaaaaaaap-5L, x87_down = -long_one / long_three < -0xa.aaaaaaaaaaaaaaap-5L;
  switch (fegetround()) {
  case FE_UPWARD:
    return sse_up && !sse_down && x87_up && !x87_down ? 'u' : '?';
  case FE_DOWNWARD:
    return !sse_up && sse_down && !x87_up && x87_down ? 'd' : '?';
  case FE_TONEAREST: // 1/3 lies nearer to the smaller neighbour as a double, to the greater one as a long double
    return !sse_up && !sse_down && x87_up && x87_down ? 'n' : '?';
  default:
    return !sse_up && !sse_down && !x87_up && !x87_down ? 'z' : '?';
  }
}

static void *body(struct ft_record *record, void *value, void *argument) {
  (void)value;
  printf("fiber %c\n", rounding());
  fesetround((int)(uintptr_t)argument);
  for (int step = 0; step < 2; step++) {
    ft_suspend(record, NULL);
    printf("fiber %c\n", rounding());
  }
  return NULL;
}

int main(void) {
  struct ft_record *up = make_fiber(body, (void *)FE_UPWARD, false);
  struct ft_record *down = make_fiber(body, (void *)FE_DOWNWARD, false);
  struct ft_float_control of_up = ft_float_control_current(), of_down = of_up;
  for (int step = 0; step < 3; step++) {
    // The resumer's own changes do not reach the fibers.
    fesetround(step == 1 ? FE_TOWARDZERO : FE_TONEAREST);
    feraiseexcept(FE_DIVBYZERO);
    ft_resume_with_float_control(up, NULL, &of_up);
    printf("main %c\n", rounding());
    ft_resume_with_float_control(down, NULL, &of_down);
    printf("main %c, exceptions %s\n", rounding(), fetestexcept(FE_DIVBYZERO) ? "kept" : "lost");
    feclearexcept(FE_ALL_EXCEPT);
  }
  // Without the option the state is the thread's.
  fesetround(FE_TONEAREST);
  ft_resume(make_fiber(body, (void *)FE_UPWARD, false), NULL);
  printf("main %c\n", rounding());
  return 0;
}
