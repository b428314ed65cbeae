/// Readable names for mangled symbols of Swift, C++ and Rust.
#ifndef CDEMANGLE_H
#define CDEMANGLE_H

#include <stddef.h>

/// Longer names, in bytes, are left as they are.
#define FT_DEMANGLE_INPUT_MAXIMUM 16384
/// Names that would grow longer than this, in bytes, are left as they are.
#define FT_DEMANGLE_OUTPUT_MAXIMUM 65536

/// The demangled form of `name`, to be freed with free(), or NULL if `name` is not a mangled name of a language known
/// here. Swift by libswiftCore, C++ (Itanium ABI) and Rust (legacy and v0) by libiberty.
///
/// `name` may be hostile: recursion, time, memory and the size of the result are bounded. Safe from any thread.
char *_Nullable ft_demangle(const char *_Nonnull name);

/// Ends the child process that `ft_demangle` may have started for names that could be hostile. A later name starts another.
void ft_demangle_end(void);

#endif
