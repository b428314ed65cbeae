/// What a fiber may keep apart from its resumers' beside the stack: C++ handlers, floating-point control. A part of CFiberAsm.h, which includes it.
#ifndef FT_FIBER_OWN_STATE_H
#define FT_FIBER_OWN_STATE_H

/// The C++ handlers that a fiber has entered and not left: zeros before its first resume.
struct ft_catches {
  void *FT_NULLABLE caught;
  uint64_t uncaught;
};

/// Exchanges `catches` with those of the calling thread, as the C++ library keeps them.
FT_HIDDEN void ft_thread_exchange_catches(struct ft_catches *FT_NONNULL catches);

/// `ft_resume` for a fiber that may suspend inside a C++ `catch`: handlers of the fiber and of its resumer are kept apart.
///
/// The C++ library keeps one list for each thread of the exceptions that are caught; without this a fiber that suspends
/// inside a handler leaves its exception on that list, and a `throw;` or the end of another handler may take it for its
/// own. Use it for each resume of the fiber, with the same `catches`, which stays as long as the fiber does.
static inline void *FT_NULLABLE ft_resume_keeping_catches(struct ft_record *FT_NONNULL record, void *FT_NULLABLE value,
                                                          struct ft_catches *FT_NONNULL catches) {
  /* The resumer, whose handlers `catches` has meanwhile, comes back on the thread that it left on. */
  ft_thread_exchange_catches(catches);
  value = ft_resume(record, value);
  ft_thread_exchange_catches(catches);
  return value;
}

/// How a thread rounds, which floating-point exceptions trap, and how it treats denormals: the control bits of MXCSR (its
/// status bits are 0 here), and the x87 control word.
struct ft_float_control {
  uint32_t mxcsr;
  uint16_t x87;
};

/// The calling thread's.
FT_HIDDEN struct ft_float_control ft_float_control_current(void);

/// `ft_resume` for a fiber with a floating-point control state of its own: it runs with `own`, and finds again what it has
/// set when it is resumed. The resumer's state is as before. The status bits of MXCSR, exceptions that have occurred, are the
/// thread's, as with any call.
///
/// The switch itself leaves both registers alone: a fiber resumed by `ft_resume` runs with its resumer's state, and what it
/// changes stays when it suspends. Where the psABI (3.2.1, callee-saved) asks for more than that, resume a fiber this way each
/// time, with `ft_float_control_current()` from its creation as its first `own`. About 14 ns more than the switch where the two
/// states are equal, and 36 where both registers differ.
FT_HIDDEN void *FT_NULLABLE ft_resume_with_float_control(struct ft_record *FT_NONNULL record, void *FT_NULLABLE value,
                                                         struct ft_float_control *FT_NONNULL own);

#endif
