// The personality routine of the base frame: what an exception meets that searches past a fiber's body.

#include <stdint.h>
#include <unwind.h>

__attribute__((visibility("hidden"))) _Unwind_Reason_Code
ft_fiber_personality(int version, _Unwind_Action actions, uint64_t exception_class,
                     struct _Unwind_Exception *exception, struct _Unwind_Context *context) {
  (void)exception_class, (void)exception, (void)context;
  // pthread_exit and pthread_cancel unwind both stacks, the fiber's and the resumer's, and run destructors on both.
  if (actions & _UA_FORCE_UNWIND)
    return _URC_CONTINUE_UNWIND;
  // Anything but "continue" ends the search. The thrower is told that there is no handler and terminates where it
  // stands, with the whole trace on the stack. To continue would find the resumer's handler and leave this fiber
  // linked to frames that are gone.
  if (version == 1 && (actions & _UA_SEARCH_PHASE))
    return _URC_FATAL_PHASE1_ERROR;
  return _URC_FATAL_PHASE2_ERROR;
}
