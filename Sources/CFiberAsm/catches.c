// What C++ handlers are entered, kept apart for each fiber.

#include "CFiberAsm.h"

/// Of the C++ library, where there is one: the exceptions caught on this thread, innermost first, and how many are thrown
/// and not caught (Itanium C++ ABI, 2.2.2). Both are those of the thread, and a switch does not change them.
__attribute__((weak)) void *__cxa_get_globals(void);

FT_STATIC_ASSERT(sizeof(struct ft_catches) == 16, "struct __cxa_eh_globals: a pointer, an unsigned int and padding");

void *ft_resume_keeping_catches(struct ft_record *record, void *value, struct ft_catches *catches) {
  if (__cxa_get_globals == NULL)
    return ft_resume(record, value);
  // The resumer comes back on the thread that it left on.
  struct ft_catches *current = __cxa_get_globals();
  struct ft_catches own = *current;
  *current = *catches;
  value = ft_resume(record, value);
  *catches = *current;
  *current = own;
  return value;
}
