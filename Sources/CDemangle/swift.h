// Swift names, for demangle.c.
#ifndef FT_DEMANGLE_SWIFT_H
#define FT_DEMANGLE_SWIFT_H

#include <stddef.h>

#include "CDemangle.h"

/// `ft_demangle` for a name that begins like a mangled Swift name.
char *_Nullable ft_demangle_swift(const char *_Nonnull name, size_t length);

#endif
