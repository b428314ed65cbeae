// C++ exceptions and forced unwinding on fibers. One mode a run:
//
//   caught       thrown and caught inside a fiber, rethrown, and in nested fibers suspended between
//   escape       leaves the body: must terminate at the throw. on_terminate prints this program's functions on the trace
//   escape-nested   the same in a fiber of a fiber whose body has a handler
//   exit         pthread_exit inside a nested fiber: destructors of all stacks run
//   exit-plain   the same without destructors: nothing but the fibers' base frames has a personality
//   cancel       pthread_cancel of a thread that waits inside a nested fiber
//
// A second argument, `above` or `below`, says where a fiber's stack lies. The first line says which library unwinds.

#include "inside_stack.h"
#include "inside_symbols.h"

#include <cstring>
#include <dlfcn.h>
#include <exception>
#include <pthread.h>
#include <stdexcept>
#include <unwind.h>

#define NOINLINE __attribute__((noinline))

static bool above;

struct Note {
  const char *text;
  ~Note() { printf("destroyed %s\n", text); }
};

static void tail_call_barrier() { __asm__ volatile("" ::: "memory"); }

extern "C" {

static _Unwind_Reason_Code print_frame(_Unwind_Context *context, void *count) {
  int exact = 0;
  uint64_t pc = _Unwind_GetIPInfo(context, &exact);
  const char *name = name_at(pc - (exact ? 0 : 1));
  if (strcmp(name, "?") != 0)
    printf(" %s", name);
  return ++*(int *)count < 100 ? _URC_NO_REASON : _URC_NORMAL_STOP;
}

NOINLINE void on_terminate() {
  int count = 0;
  printf("terminate:");
  _Unwind_Backtrace(print_frame, &count);
  printf("\n");
  fflush(stdout);
  _exit(3);
}

NOINLINE void throw_out(const char *text) {
  throw std::runtime_error(text);
}

NOINLINE void throw_through(const char *text) {
  Note note{"on the way"};
  throw_out(text);
}

NOINLINE void *caught_inner(struct ft_record *record, void *value, void *) {
  try {
    throw_through("inner");
  } catch (const std::runtime_error &error) {
    printf("caught %s in the inner fiber\n", error.what());
  }
  value = ft_suspend(record, value);
  try {
    throw_through("again");
  } catch (const std::exception &error) {
    printf("caught %s in the inner fiber\n", error.what());
  }
  return value;
}

NOINLINE void rethrow_once() {
  try {
    throw_through("twice");
  } catch (const std::runtime_error &error) {
    printf("caught %s first\n", error.what());
    throw;
  }
}

NOINLINE void *caught_outer(struct ft_record *, void *value, void *) {
  struct ft_record *inner = make_fiber(caught_inner, nullptr, above);
  try {
    ft_resume(inner, value);
    rethrow_once();
  } catch (const std::exception &error) {
    printf("caught %s second\n", error.what());
  }
  ft_resume(inner, value);
  return value;
}

NOINLINE void *escape_body(struct ft_record *, void *value, void *) {
  throw_out("escape");
  tail_call_barrier();
  return value;
}

/// A new fiber with the body `escape_body` and the name "thrower".
static struct ft_record *make_thrower() {
  struct ft_record *record = make_fiber(escape_body, nullptr, above);
  record->name = (uint64_t)"thrower";
  return record;
}

NOINLINE void *guarded_body(struct ft_record *, void *value, void *) {
  try {
    value = ft_resume(make_thrower(), value);
  } catch (...) {
    printf("WRONG: caught in the resumer\n");
  }
  return value;
}

NOINLINE void resume_guarded(ft_fiber_entry entry) {
  try {
    ft_resume(make_fiber(entry, nullptr, above), nullptr);
  } catch (...) {
    printf("WRONG: caught in the resumer\n");
  }
  tail_call_barrier();
}

static struct ft_record *inner, *outer;
static int ready[2]; // a pipe: the inner fiber waits for a byte that never comes

NOINLINE void *leave_inner(struct ft_record *, void *value, void *cancelled) {
  Note note{"in the inner fiber"};
  if (cancelled == nullptr)
    pthread_exit(nullptr);
  // Nothing but read may be cancelled: clang takes puts for a function that never unwinds.
  char byte;
  pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, nullptr);
  value = (void *)read(ready[0], &byte, 1); // a cancellation point
  printf("WRONG: not cancelled\n");
  return value;
}

NOINLINE void *leave_outer(struct ft_record *, void *value, void *cancelled) {
  Note note{"in the outer fiber"};
  inner = make_fiber(leave_inner, cancelled, above);
  value = ft_resume(inner, value);
  printf("WRONG: the thread goes on\n");
  return value;
}

NOINLINE void *leave_thread(void *cancelled) {
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
  Note note{"in the thread"};
  outer = make_fiber(leave_outer, cancelled, above);
  void *value = ft_resume(outer, nullptr);
  printf("WRONG: the thread goes on\n");
  return value;
}

NOINLINE void *leave_plain_inner(struct ft_record *, void *, void *) { pthread_exit(nullptr); }

NOINLINE void *leave_plain_outer(struct ft_record *, void *value, void *) {
  inner = make_fiber(leave_plain_inner, nullptr, above);
  value = ft_resume(inner, value);
  tail_call_barrier();
  return value;
}

NOINLINE void *leave_plain_thread(void *) {
  outer = make_fiber(leave_plain_outer, nullptr, above);
  void *value = ft_resume(outer, nullptr);
  tail_call_barrier();
  return value;
}

} // extern "C"

static int leave_by(void *(*leave)(void *), bool cancel) {
  pthread_t thread;
  void *result;
  if (pipe(ready) != 0 || pthread_create(&thread, nullptr, leave, cancel ? ready : nullptr) != 0 ||
      (cancel && pthread_cancel(thread) != 0) || pthread_join(thread, &result) != 0)
    return 2;
  printf("joined%s\n", result == PTHREAD_CANCELED ? ", cancelled" : "");
  for (const struct ft_record *record : {inner, outer})
    printf("flags %lu, count %lu\n", record->identity & 0xff, record->count);
  return 0;
}

int main(int count, char **arguments) {
  if (count != 3)
    return 2;
  setvbuf(stdout, nullptr, _IONBF, 0);
  load_symbols();
  above = strcmp(arguments[2], "above") == 0;
  Dl_info library;
  if (dladdr((void *)_Unwind_RaiseException, &library) == 0)
    return 2;
  printf("unwinding by %s\n", strrchr(library.dli_fname, '/') + 1);
  std::set_terminate(on_terminate);
  const char *mode = arguments[1];
  if (strcmp(mode, "caught") == 0)
    resume_guarded(caught_outer);
  else if (strcmp(mode, "escape") == 0)
    resume_guarded(escape_body);
  else if (strcmp(mode, "escape-nested") == 0)
    resume_guarded(guarded_body);
  else if (strcmp(mode, "exit-plain") == 0)
    return leave_by(leave_plain_thread, false);
  else
    return leave_by(leave_thread, strcmp(mode, "cancel") == 0);
  printf("returned\n");
  return 0;
}
