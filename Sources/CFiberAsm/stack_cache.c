// The stack that a thread has given back last: no other thread sees it.

#include "CFiberAsm.h"

__thread struct ft_stack_cache ft_own_stack_cache;
