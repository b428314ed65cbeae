/// Readable names for mangled symbols of Swift, C++ and Rust.
#ifndef CDEMANGLE_H
#define CDEMANGLE_H

#include <stddef.h>

/// The demangled form of `name`, to be freed with free(), or NULL if `name` is not a mangled name of a language known
/// here. Swift by libswiftCore's `swift_demangle`, C++ (Itanium ABI) and Rust (legacy and v0) by libiberty.
///
/// `name` may be hostile: recursion and output size are bounded.
char *_Nullable ft_demangle(const char *_Nonnull name);

#endif
