// A fiber with a floating-point control state of its own.

#include "CFiberAsm.h"

// psABI 3.2.1: of MXCSR the control bits belong to the function that sets them, the status bits (the lowest six) to nobody.
enum { MXCSR_STATUS = 0x3f };

static struct ft_float_control current(void) {
  struct ft_float_control control;
  __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(control.mxcsr), "=m"(control.x87));
  control.mxcsr &= ~(uint32_t)MXCSR_STATUS;
  return control;
}

static void load(struct ft_float_control control) {
  uint32_t mxcsr;
  __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
  mxcsr = (mxcsr & MXCSR_STATUS) | control.mxcsr;
  __asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(mxcsr), "m"(control.x87));
}

struct ft_float_control ft_float_control_current(void) { return current(); }

void *ft_resume_with_float_control(struct ft_record *record, void *value, struct ft_float_control *own) {
  struct ft_float_control resumer = current();
  load(*own);
  value = ft_resume(record, value);
  *own = current();
  load(resumer);
  return value;
}
