// Swift names by the runtime's own demangler.

#define _GNU_SOURCE
#include "swift.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
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

// The child that does such names, one after another: a fork of a process that holds the stacks of a hundred thousand fibers takes
// milliseconds, and Swift programs have hundreds of them. Guarded by `lock`.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
// Our end of a pair of sockets, which unlike a pipe can refuse to raise SIGPIPE.
static int channel = -1;

// Whether all `size` bytes could be sent or received.
static int send_all(int end, const void *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t count = send(end, (const char *)bytes + done, size - done, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return 0;
    done += (size_t)count;
  }
  return 1;
}

static int receive_all(int end, void *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t count = recv(end, (char *)bytes + done, size - done, 0);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return 0;
    done += (size_t)count;
  }
  return 1;
}

// In the child: a second or two of processor time for the next name; what takes longer ends by SIGXCPU.
static void allow_time(void) {
  struct rusage used;
  struct rlimit limit;
  if (getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &limit) != 0)
    _exit(1);
  limit.rlim_cur = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec + 2);
  setrlimit(RLIMIT_CPU, &limit);
}

// In the child: nothing but the demangler and its sockets, since other threads' locks may be held for ever here. Each name and each
// answer comes after its length; an answer of length 0 is none.
static void serve(int end) {
  static char name[FT_DEMANGLE_INPUT_MAXIMUM + 1];
  struct rlimit no_core = {0, 0}, data = {1 << 30, 1 << 30};
  setrlimit(RLIMIT_CORE, &no_core);
  setrlimit(RLIMIT_DATA, &data);
  signal(SIGXCPU, SIG_DFL);
  signal(SIGSEGV, SIG_DFL);
  signal(SIGABRT, SIG_DFL);
  uint32_t length;
  // Ends with the process that asks, or when that has no more names.
  while (receive_all(end, &length, sizeof length) && length < sizeof name && receive_all(end, name, length)) {
    name[length] = 0;
    allow_time();
    char *text = demangle(name, length);
    size_t size = text != NULL ? strlen(text) : 0;
    uint32_t answer = size < FT_DEMANGLE_OUTPUT_MAXIMUM ? (uint32_t)size : 0;
    if (!send_all(end, &answer, sizeof answer) || !send_all(end, text, answer))
      break;
    free(text);
  }
  _exit(0);
}

// Whether there is a child now. Nobody's child, rather: who asks may wait for children of its own, all of them, as a tracer does.
static int begin(void) {
  if (channel >= 0)
    return 1;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return 0;
  pid_t parent = fork();
  if (parent == 0) {
    pid_t child = fork();
    if (child != 0)
      _exit(child < 0 ? 1 : 0);
    if (dup2(ends[1], 0) != 0)
      _exit(1);
    // Nothing stays open for its sake, where the kernel has the call (Linux 5.9).
    close_range(1, ~0U, 0);
    serve(0);
  }
  close(ends[1]);
  int status = 0;
  pid_t ended = -1;
  while (parent > 0 && (ended = waitpid(parent, &status, __WALL)) < 0 && errno == EINTR)
    ;
  // Where SIGCHLD is ignored nobody tells how it ended; if there is no child, the first name says so.
  if (parent < 0 || (ended == parent && status != 0)) {
    close(ends[0]);
    return 0;
  }
  channel = ends[0];
  return 1;
}

// It ends when it has no more names to wait for.
static void end(void) {
  if (channel < 0)
    return;
  close(channel);
  channel = -1;
}

void ft_demangle_end(void) {
  pthread_mutex_lock(&lock);
  end();
  pthread_mutex_unlock(&lock);
}

static char *demangle_in_child(const char *name, size_t length) {
  if (atomic_load(&hostile))
    return NULL;
  char *text = NULL;
  pthread_mutex_lock(&lock);
  if (begin()) {
    uint32_t size = (uint32_t)length;
    if (send_all(channel, &size, sizeof size) && send_all(channel, name, length) &&
        receive_all(channel, &size, sizeof size) && size < FT_DEMANGLE_OUTPUT_MAXIMUM) {
      text = size > 0 ? malloc(size + 1) : NULL;
      if (text != NULL && receive_all(channel, text, size))
        text[size] = 0;
      else if (size > 0) {
        free(text);
        text = NULL;
        end();
      }
    } else {
      // It had to be stopped.
      atomic_store(&hostile, 1);
      end();
    }
  }
  pthread_mutex_unlock(&lock);
  return text;
}

char *ft_demangle_swift(const char *name, size_t length) {
  if (substitutions(name, length) > substitutions_in_process)
    return demangle_in_child(name, length);
  return checked(demangle(name, length));
}
