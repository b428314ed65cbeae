// A fiber with a floating-point control state of its own.

#include "CFiberAsm.h"

// psABI 3.2.1: of MXCSR the control bits belong to the function that sets them, the status bits (the lowest six) to nobody.
enum { MXCSR_STATUS = 0x3f };

// The registers as they are, status bits included.
static struct ft_float_control stored(void) {
  struct ft_float_control control;
  __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(control.mxcsr), "=m"(control.x87));
  return control;
}

/// Replaces the control bits where they differ: the instructions that load wait for all before them.
static void replace(struct ft_float_control now, struct ft_float_control wanted) {
  uint32_t mxcsr = (now.mxcsr & MXCSR_STATUS) | (wanted.mxcsr & ~(uint32_t)MXCSR_STATUS);
  if (mxcsr != now.mxcsr)
    __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
  if (wanted.x87 != now.x87)
    __asm__ volatile("fldcw %0" : : "m"(wanted.x87));
}

struct ft_float_control ft_float_control_current(void) {
  struct ft_float_control control = stored();
  control.mxcsr &= ~(uint32_t)MXCSR_STATUS;
  return control;
}

void *ft_resume_with_float_control(struct ft_record *record, void *value, struct ft_float_control *own) {
  struct ft_float_control resumer = stored();
  replace(resumer, *own);
  value = ft_resume(record, value);
  struct ft_float_control fiber = stored();
  replace(fiber, resumer);
  own->mxcsr = fiber.mxcsr & ~(uint32_t)MXCSR_STATUS;
  own->x87 = fiber.x87;
  return value;
}
