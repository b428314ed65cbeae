#define UNW_LOCAL_ONLY
#include "CContenders.h"

#include <gnu/libc-version.h>
#include <libunwind.h>

#define TEXT_(value) #value
#define TEXT(value) TEXT_(value)

const char *clang_version(void) { return TEXT(__clang_major__) "." TEXT(__clang_minor__) "." TEXT(__clang_patchlevel__); }

const char *libc_version(void) { return gnu_get_libc_version(); }

const char *libunwind_version(void) {
  return TEXT(UNW_VERSION_MAJOR) "." TEXT(UNW_VERSION_MINOR) "." TEXT(UNW_VERSION_EXTRA);
}
