#include "FiberTraceStepping.h"

int ft_step_report_print(const struct ft_step_report *report, FILE *file) {
  return fprintf(file, "%s\n", ft_step_report_text(report)) < 0 ? EOF : 0;
}
