// What valgrind has to know of stacks. Its requests are written by hand, as <valgrind/valgrind.h> documents them for
// x86-64 Linux ("the magic sequence"), so that neither builds nor users need its headers.

#include "CFiberAsm.h"

enum request {
  STACK_REGISTER = 0x1501,
  STACK_DEREGISTER = 0x1502,
  // Memcheck's own: 'M' and 'C' in the upper bytes.
  MAKE_MEM_UNDEFINED = 0x4d430001,
};

/// A request with two arguments. Answers 0 without valgrind, and where its tool does not know the request.
static uint64_t ask(enum request request, uint64_t first, uint64_t second) {
  uint64_t arguments[6] = {request, first, second, 0, 0, 0};
  uint64_t answer = 0;
  // Four rotations by 128 bits in all, and an exchange of a register with itself: nothing to the processor.
  __asm__ volatile("rolq $3, %%rdi\n\trolq $13, %%rdi\n\trolq $61, %%rdi\n\trolq $51, %%rdi\n\txchgq %%rbx, %%rbx"
                   : "+d"(answer)
                   : "a"(arguments)
                   : "cc", "memory");
  return answer;
}

// valgrind wants the highest byte of a stack, not its end.
uint64_t ft_stack_announce(uint64_t low, uint64_t high) { return ask(STACK_REGISTER, low, high - 1); }

void ft_stack_retract(uint64_t announced) { ask(STACK_DEREGISTER, announced, 0); }

// Where frames have been popped Memcheck lets nobody write, and the words at the top of a stack differ in place from
// fiber to fiber.
void ft_stack_reuse(uint64_t low, uint64_t high) { ask(MAKE_MEM_UNDEFINED, low, high - low); }
