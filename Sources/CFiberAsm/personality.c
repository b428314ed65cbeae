// The personality routine of the base frame: what an exception meets that searches past a fiber's body.

#define _GNU_SOURCE // dladdr
#include "line.h"

#include <dlfcn.h>
#include <unwind.h>

#ifdef FT_SANITIZED
FT_HIDDEN void ft_fiber_is_abandoned(void); // sanitizers.c
// It gives up what AddressSanitizer keeps for the stack that the personality may run on.
#define FT_UNINSTRUMENTED __attribute__((disable_sanitizer_instrumentation))
#else
#define FT_UNINSTRUMENTED
#endif

FT_HIDDEN _Unwind_Reason_Code ft_fiber_personality(int version, _Unwind_Action actions, uint64_t exception_class,
                                                   struct _Unwind_Exception *exception,
                                                   struct _Unwind_Context *context);

typedef _Unwind_Word (*read_register)(struct _Unwind_Context *context, int number);

/// `_Unwind_GetGR` of the library that `caller` lies in, NULL if it has none to be seen.
///
/// Each library has contexts of its own. glibc unwinds by libgcc when a thread ends, whatever the program links, and the
/// function that is linked here would take libgcc's context for one of its own.
FT_UNINSTRUMENTED static read_register register_reader(const void *caller) {
  Dl_info unwinder, reader;
  // Without a loader there is one library.
  if (dladdr(caller, &unwinder) == 0)
    return _Unwind_GetGR;
  if (dladdr((const void *)_Unwind_GetGR, &reader) != 0 && reader.dli_fbase == unwinder.dli_fbase)
    return _Unwind_GetGR;
  void *library = dlopen(unwinder.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  if (library == NULL)
    return NULL;
  // The search goes on in what the library depends on.
  void *found = dlsym(library, "_Unwind_GetGR");
  if (found != NULL && (dladdr(found, &reader) == 0 || reader.dli_fbase != unwinder.dli_fbase))
    found = NULL;
  dlclose(library); // The unwinder still runs: it stays.
  return (read_register)found;
}

/// The record of the fiber whose base frame `context` describes, a context of the library that `caller` lies in. NULL
/// if that library does not tell.
FT_UNINSTRUMENTED static struct ft_record *record_of(struct _Unwind_Context *context, const void *caller) {
  const int rbp = 6; // its DWARF number
  read_register read = register_reader(caller);
  return read != NULL ? *(struct ft_record **)(read(context, rbp) + FT_BASE_RECORD) : NULL;
}

/// Says which fiber an exception would have left. The process may be in any state.
static void report(const struct ft_record *record) {
  struct ft_line line = {.count = 0};
  ft_line_append(&line, "FiberTrace: ");
  if (record != NULL)
    ft_line_append_fiber(&line, record);
  else
    ft_line_append(&line, "a fiber");
  ft_line_append(&line, " throws a foreign exception that its body does not catch; none may pass to the resumer: catch it "
                        "in the fiber\n");
  ft_line_write(&line);
}

FT_UNINSTRUMENTED _Unwind_Reason_Code ft_fiber_personality(int version, _Unwind_Action actions,
                                                           uint64_t exception_class,
                                                           struct _Unwind_Exception *exception,
                                                           struct _Unwind_Context *context) {
  (void)exception_class, (void)exception;
  // pthread_exit and pthread_cancel unwind both stacks, the fiber's and the resumer's, and run destructors on both. The
  // fiber's own frames are done.
  if (actions & _UA_FORCE_UNWIND) {
    struct ft_record *record = record_of(context, __builtin_return_address(0));
    // Who cannot be told is seen as on its thread for good.
    if (record != NULL)
      ft_record_mark(record, FT_FLAG_ABANDONED);
#ifdef FT_SANITIZED
    ft_fiber_is_abandoned();
#endif
    return _URC_CONTINUE_UNWIND;
  }
  // Anything but "continue" ends the search. The thrower is told that there is no handler and terminates where it
  // stands, with the whole trace on the stack. To continue would find the resumer's handler and leave this fiber
  // linked to frames that are gone.
  if (version == 1 && (actions & _UA_SEARCH_PHASE)) {
    report(record_of(context, __builtin_return_address(0)));
    return _URC_FATAL_PHASE1_ERROR;
  }
  return _URC_FATAL_PHASE2_ERROR;
}
