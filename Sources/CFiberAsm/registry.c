// What this copy of the package has once: the registry head, the note that leads to it, the path of gdb's script, and the
// numbers of threads.

#include "CFiberAsm.h"

#ifdef FT_SANITIZED // the switch itself, see sanitizers.c
#define ft_fiber_resume ft_fiber_resume_bare
#define ft_fiber_suspend ft_fiber_suspend_bare
extern FT_HIDDEN const char ft_fiber_resume_bare[];
#endif

// Entered by jumps alone, and so no function to C.
extern FT_HIDDEN const char ft_fiber_suspend[];

// Bounds of the runtime's own functions that are not functions themselves, set in fiber_x86_64.S. None stands at the
// first byte of a function: where the linker keeps it global, libdw would prefer it to the function's own name.
extern FT_HIDDEN const char ft_fiber_resume_high[], ft_fiber_suspend_high[], ft_fiber_not_running_high[];
extern FT_HIDDEN const char ft_fiber_start_low[], ft_fiber_start_high[];

__attribute__((visibility("hidden"), used)) struct ft_registry ft_fiber_registry = {
    FT_REGISTRY_LAYOUT,
    .suspended_pc = (uint64_t)ft_fiber_suspend + FT_SUSPENDED_OFFSET,
    .has_link = 1,
    .end_record = (uint64_t)ft_fiber_end_record,
    .resume_low = (uint64_t)ft_fiber_resume,
    .resume_high = (uint64_t)ft_fiber_resume_high,
    .suspend_low = (uint64_t)ft_fiber_suspend,
    .suspend_high = (uint64_t)ft_fiber_suspend_high,
    .start_low = (uint64_t)ft_fiber_start_low,
    .start_high = (uint64_t)ft_fiber_start_high,
    .not_running_low = (uint64_t)ft_fiber_not_running,
    .not_running_high = (uint64_t)ft_fiber_not_running_high,
    FT_REGISTRY_EMPTY("FiberTrace"),
};
FT_REGISTRY_NOTE(ft_fiber_registry);

#ifndef FT_NO_GDB_SCRIPT
// Where gdb finds the commands for fibers, once they are installed: gdb runs what this section names if it lies in a directory
// that gdb trusts, as this one. (1: a file in Python. A script in the section itself would have to be trusted by each user for
// each program.) Loaded, so that strip keeps it; without a reference from the note --gc-sections would drop it.
__asm__(".pushsection .debug_gdb_scripts,\"a\",@progbits\n"
        ".Lft_gdb_script:\n"
        ".byte 1\n"
        ".asciz \"/usr/share/gdb/auto-load/fibertrace.py\"\n"
        ".popsection\n"
        ".pushsection .note.fibertrace,\"a\",@note\n"
        ".reloc 0, R_X86_64_NONE, .Lft_gdb_script\n"
        ".popsection\n");
#endif

__thread uint64_t ft_own_thread_number;

void (*ft_thread_prepare)(void);

uint64_t ft_thread_claim_number(void) {
  static uint64_t last;
  if (ft_own_thread_number == 0) {
    ft_own_thread_number = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
    void (*prepare)(void) = __atomic_load_n(&ft_thread_prepare, __ATOMIC_ACQUIRE);
    if (prepare != NULL)
      prepare();
  }
  return ft_own_thread_number;
}

// Not inlined by a link-time optimizer either: the return address is the answer.
__attribute__((noinline)) uint64_t ft_caller_pc(void) { return (uint64_t)__builtin_return_address(0); }
