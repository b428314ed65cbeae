// Which demangler a name is for, and C++ and Rust names by libiberty.

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "swift.h"

// What libiberty writes to. A name of 100 bytes can ask for gigabytes, by substitutions that double: the sink leaves
// the demangler at the limit.
struct sink {
  jmp_buf full;
  size_t length;
  char text[FT_DEMANGLE_OUTPUT_MAXIMUM];
};

static void append(const char *text, size_t length, void *context) {
  struct sink *sink = context;
  if (length >= sizeof sink->text - sink->length)
    longjmp(sink->full, 1);
  memcpy(sink->text + sink->length, text, length);
  sink->length += length;
}

typedef int (*demangler)(const char *, int, demangle_callbackref, void *);

// libiberty's callback forms keep their state on the stack, so leaving by longjmp frees it. (Rust's buffer of
// one punycode identifier, no longer than the name, is lost then.)
static char *demangle_by(demangler demangle, const char *name) {
  struct sink *sink = malloc(sizeof *sink);
  if (sink == NULL)
    return NULL;
  char *volatile result = NULL;
  sink->length = 0;
  if (setjmp(sink->full) == 0 && demangle(name, DMGL_PARAMS | DMGL_ANSI, append, sink) != 0) {
    sink->text[sink->length] = 0;
    // An empty result means the name was none.
    if (sink->length != 0)
      result = strdup(sink->text);
  }
  free(sink);
  return result;
}

static int begins(const char *name, const char *prefix) { return strncmp(name, prefix, strlen(prefix)) == 0; }

char *ft_demangle(const char *name) {
  size_t length = strnlen(name, FT_DEMANGLE_INPUT_MAXIMUM + 1);
  if (length > FT_DEMANGLE_INPUT_MAXIMUM)
    return NULL;
  if (begins(name, "$s") || begins(name, "$S") || begins(name, "$e") || begins(name, "_$s") || begins(name, "_$S") ||
      begins(name, "_T0"))
    return ft_demangle_swift(name, length);
  if (begins(name, "_R"))
    return demangle_by(rust_demangle_callback, name);
  if (!begins(name, "_Z"))
    return NULL;
  // Legacy Rust names are Itanium names that end in a hash; its demangler refuses others.
  char *rust = demangle_by(rust_demangle_callback, name);
  return rust != NULL ? rust : demangle_by(cplus_demangle_v3_callback, name);
}
