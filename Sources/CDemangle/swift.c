// Swift names by the runtime's own demangler.

#include "swift.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// Exported by libswiftCore, in no header of it: what Swift's own crash backtraces print, without modules and argument
// types. (`swift_demangle` takes no options, and its names of closures in generic code run to 400 characters.)
char *_swift_backtrace_demangle(const char *name, size_t length, char *_Nullable output,
                                size_t *_Nonnull output_size);

static char *demangle(const char *name, size_t length) {
  size_t size = 0;
  return _swift_backtrace_demangle(name, length, NULL, &size);
}

// The demangler bounds its recursion, not its output. A substitution ("A" and a letter) repeats a type for two bytes,
// so each can double the output: measured, 155 bytes with 25 of them make 1 GB in 11 s. Up to this many stay below
// 100 MB/s and 40 ms whatever they repeat; names with more go through a child that may be stopped.
enum { substitutions_in_process = 16 };

// Set when a child had to be stopped: whoever made one such name made many, and each costs up to a second.
static atomic_bool hostile;

// Upper bound of the doublings in a name. "A" begins a run of substitutions: a lower-case letter for each but the
// last, which is an upper-case letter or a number with "_". A number before a letter repeats that one, up to 2^11
// times.
static size_t substitutions(const char *name, size_t length) {
  size_t count = 0;
  for (size_t index = 0; index < length; index++) {
    if (name[index] != 'A')
      continue;
    count++;
    // `name` ends in NUL, which ends the run.
    for (const char *next = name + index + 1;; next++) {
      if (*next >= 'a' && *next <= 'z')
        count++;
      else if (*next < '0' || *next > '9')
        break;
      else if ((next[1] >= 'a' && next[1] <= 'z') || (next[1] >= 'A' && next[1] <= 'Z'))
        count += 11;
    }
  }
  return count;
}

static char *checked(char *text) {
  if (text == NULL || strnlen(text, FT_DEMANGLE_OUTPUT_MAXIMUM) < FT_DEMANGLE_OUTPUT_MAXIMUM)
    return text;
  free(text);
  return NULL;
}

// In the child: nothing but the demangler and a write, since other threads' locks may be held for ever here.
static void demangle_and_exit(const char *name, size_t length, int output) {
  struct rlimit no_core = {0, 0}, processor = {1, 1}, data = {1 << 30, 1 << 30};
  setrlimit(RLIMIT_CORE, &no_core);
  setrlimit(RLIMIT_CPU, &processor);  // seconds; the hard limit kills
  setrlimit(RLIMIT_DATA, &data);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGSEGV, SIG_DFL);
  signal(SIGABRT, SIG_DFL);
  char *text = demangle(name, length);
  size_t size = text != NULL ? strlen(text) : 0;
  if (size >= FT_DEMANGLE_OUTPUT_MAXIMUM)
    _exit(1);
  for (size_t sent = 0; sent < size;) {
    ssize_t count = write(output, text + sent, size - sent);
    if (count <= 0)
      _exit(1);
    sent += (size_t)count;
  }
  _exit(0);
}

static char *demangle_in_child(const char *name, size_t length) {
  if (atomic_load(&hostile))
    return NULL;
  char *text = malloc(FT_DEMANGLE_OUTPUT_MAXIMUM);
  int ends[2];
  if (text == NULL || pipe(ends) != 0) {
    free(text);
    return NULL;
  }
  pid_t child = fork();
  if (child == 0)
    demangle_and_exit(name, length, ends[1]);
  close(ends[1]);
  size_t size = 0;
  for (ssize_t count = 1; child > 0 && count > 0 && size < FT_DEMANGLE_OUTPUT_MAXIMUM - 1; size += (size_t)count) {
    count = read(ends[0], text + size, FT_DEMANGLE_OUTPUT_MAXIMUM - 1 - size);
    if (count < 0)
      count = 0;
  }
  close(ends[0]);
  int status = -1;
  if (child > 0 && waitpid(child, &status, 0) == child && status != 0)
    atomic_store(&hostile, 1);
  if (child <= 0 || status != 0 || size == 0) {
    free(text);
    return NULL;
  }
  text[size] = 0;
  return text;
}

char *ft_demangle_swift(const char *name, size_t length) {
  if (substitutions(name, length) > substitutions_in_process)
    return demangle_in_child(name, length);
  return checked(demangle(name, length));
}
