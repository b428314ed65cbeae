// Where a thread keeps what C++ handlers it has entered.

#include "CFiberAsm.h"

/// Of the C++ library, where there is one: the exceptions caught on this thread, innermost first, and how many are thrown
/// and not caught (Itanium C++ ABI, 2.2.2: struct __cxa_eh_globals).
__attribute__((weak)) void *__cxa_get_globals(void);

FT_STATIC_ASSERT(sizeof(struct ft_catches) == 16, "a pointer, an unsigned int and padding");

void ft_thread_exchange_catches(struct ft_catches *catches) {
  if (__cxa_get_globals == NULL)
    return;
  struct ft_catches *current = __cxa_get_globals();
  struct ft_catches previous = *current;
  *current = *catches;
  *catches = previous;
}
