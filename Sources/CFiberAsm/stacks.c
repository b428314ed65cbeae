// What tools that watch memory have to know of stacks: valgrind, AddressSanitizer and its LeakSanitizer.
//
// valgrind's requests are written by hand, as <valgrind/valgrind.h> documents them for x86-64 Linux ("the magic
// sequence"), so that neither builds nor users need its headers.

#include "CFiberAsm.h"

enum request {
  RUNNING_ON_VALGRIND = 0x1001,
  STACK_REGISTER = 0x1501,
  STACK_DEREGISTER = 0x1502,
  CHANGE_ERR_DISABLEMENT = 0x1801,
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

uint8_t ft_stacks_are_watched;

#ifdef FT_ADDRESS_SANITIZER

#include <sanitizer/asan_interface.h>
#include <sanitizer/lsan_interface.h>

__attribute__((constructor)) static void look(void) { ft_stacks_are_watched = 1; }

uint64_t ft_stack_announce(uint64_t low, uint64_t high) {
  // Frames that were given up on it have left their marks there.
  __asan_unpoison_memory_region((void *)low, high - low);
  // What a suspended fiber alone holds is no leak.
  __lsan_register_root_region((void *)low, high - low);
  return 0;
}

void ft_stack_retract(uint64_t announced, uint64_t low, uint64_t high) {
  (void)announced;
  __lsan_unregister_root_region((void *)low, high - low);
  __asan_unpoison_memory_region((void *)low, high - low);
}

#else

__attribute__((constructor)) static void look(void) { ft_stacks_are_watched = ask(RUNNING_ON_VALGRIND, 0, 0) != 0; }

uint64_t ft_stack_announce(uint64_t low, uint64_t high) {
  // Where frames have been popped Memcheck lets nobody write, and the words at the top of a stack differ in place from
  // fiber to fiber.
  ask(MAKE_MEM_UNDEFINED, low, high - low);
  // It wants the highest byte, not the end.
  return ask(STACK_REGISTER, low, high - 1);
}

void ft_stack_retract(uint64_t announced, uint64_t low, uint64_t high) {
  ask(STACK_DEREGISTER, announced, 0);
  ask(MAKE_MEM_UNDEFINED, low, high - low);
}

#endif

// No tool may complain: the words are those of frames that are gone, or of others' that run.
#ifdef FT_SANITIZED
__attribute__((disable_sanitizer_instrumentation))
#endif
uint64_t ft_lowest_word(uint64_t low, uint64_t high) {
  if (ft_stacks_are_watched)
    ask(CHANGE_ERR_DISABLEMENT, 1, 0);
  while (low < high && *(const volatile uint64_t *)low == 0)
    low += sizeof(uint64_t);
  if (ft_stacks_are_watched)
    ask(CHANGE_ERR_DISABLEMENT, UINT64_MAX, 0);
  return low;
}
