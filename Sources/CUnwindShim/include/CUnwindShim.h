/// libunwind for Swift: what its macros hide, behind a library that is loaded privately.
///
/// Nongnu libunwind exports `_Unwind_*` and `backtrace`. A program that linked it would get its exceptions and its
/// backtraces from there. So it is loaded with `dlopen` and RTLD_LOCAL, and its functions are found by `dlsym`: no
/// symbol of the program is bound to it. Every symbol here is hidden, so that two copies of this package live side by
/// side.
#ifndef CUNWINDSHIM_H
#define CUNWINDSHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FT_UNWIND_HIDDEN __attribute__((visibility("hidden")))

/// Loads libunwind once. Answers NULL, or one line that says why it cannot be had. Safe from any thread.
FT_UNWIND_HIDDEN const char *_Nullable ft_unwind_load(void);

/// Return addresses from the caller of this function outwards, at most `count` - 1, by libunwind's fast path.
///
/// Answers how many there are; 0 if libunwind cannot be loaded. Allocates nothing once `ft_unwind_load` has returned,
/// but for a cache that libunwind maps at the first call on each thread.
FT_UNWIND_HIDDEN size_t ft_unwind_raw(void *_Nullable *_Nullable buffer, size_t count);

/// One frame.
struct ft_unwind_frame {
  uint64_t pc;
  uint64_t frame_pointer; /* rbp in this frame, 0 if unknown */
  uint32_t interrupted;   /* 1: a signal came here; pc is the next instruction, not a return address */
  uint32_t reserved;
};

/// Why a walk has ended.
enum ft_unwind_end {
  FT_UNWIND_OUTERMOST,   /* nothing above the last frame */
  FT_UNWIND_LIMIT,       /* there is more */
  FT_UNWIND_FAILED,      /* libunwind gave up after the last frame; `error` is its code */
  FT_UNWIND_NO_MEMORY,   /* no memory for more frames; errno value in `error` */
  FT_UNWIND_UNAVAILABLE, /* no libunwind: ft_unwind_load says why */
};

/// Frames of a walk.
struct ft_unwind_walk {
  struct ft_unwind_frame *_Nullable frames; /* to be freed with free() */
  size_t count;
  uint32_t end;  /* enum ft_unwind_end */
  int32_t error; /* positive */
};

/// Frames from the caller of this function outwards, at most `limit`. Allocates in proportion to what it finds.
FT_UNWIND_HIDDEN struct ft_unwind_walk ft_unwind_walk(size_t limit);

/// The linkage name of the function that `address` lies in, to be freed with free(), and the distance of `address`
/// from its start; NULL if the module has no symbol for that function. Reads the module's file: about 0.1 ms.
///
/// libunwind answers with the nearest symbol below, however far. A symbol that lies outside the range which call frame
/// information gives for the function is another function's, and is not answered.
FT_UNWIND_HIDDEN char *_Nullable ft_unwind_name(uint64_t address, uint64_t *_Nonnull offset);

/// The path of the module that `address` lies in and the address it is loaded at, or NULL; the dynamic linker owns
/// the string.
FT_UNWIND_HIDDEN const char *_Nullable ft_unwind_module(uint64_t address, uint64_t *_Nonnull base);

/// libswiftCore's demangler: a string to be freed with free(), or NULL if `name` is not a Swift name. `output` and
/// `output_size` may be NULL.
char *_Nullable swift_demangle(const char *_Nonnull name, size_t length, char *_Nullable output,
                               size_t *_Nullable output_size, uint32_t flags);

/// What libswiftCore's own crash backtraces call a function: without modules and argument types. As `swift_demangle`,
/// but that `output_size` is written. It stands in no header of the runtime's.
char *_Nullable _swift_backtrace_demangle(const char *_Nonnull name, size_t length, char *_Nullable output,
                                          size_t *_Nonnull output_size);

#ifdef __cplusplus
}
#endif

#endif
