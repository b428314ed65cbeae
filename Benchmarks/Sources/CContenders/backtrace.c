// Walks of the stack, from the main stack and from a chain of fibers.

#include "CContenders.h"
#include "CFiberAsm.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <stdio.h>
#include <stdlib.h>

enum {
  FIBERS = 3,
  /// Frames of `descend` on each stack of the chain, and of the main stack below it.
  DEPTH = 8,
  /// Frames that a fiber puts into the chain besides: the resume that leads to it, its base, and its body.
  FIBER_FRAMES = 3,
  BUFFER_SIZE = 256,
};

struct walks {
  walk_function walk;
  /// The fibers from the outermost; 0 of them for walks on the main stack.
  struct ft_record *fibers[FIBERS];
  int fiber_count;
  /// Walks to do in this slice, and the frames that they have found.
  long count, frames;
};

/// Goes `depth` calls down and then into the fiber `next`, or walks where there is none.
__attribute__((noinline)) static void descend(struct walks *walks, int next, int depth) {
  if (depth > 1) {
    descend(walks, next, depth - 1);
  } else if (next < walks->fiber_count) {
    ft_resume(walks->fibers[next], NULL);
  } else {
    void *buffer[BUFFER_SIZE];
    for (long i = 0; i < walks->count; i++)
      walks->frames += walks->walk(buffer, BUFFER_SIZE);
  }
  __asm__ volatile(""); // no tail call
}

static void *run_link(struct ft_record *record, void *value, void *argument) {
  struct walks *walks = argument;
  int next = 0;
  while (walks->fibers[next++] != record) {
  }
  for (;;) {
    descend(walks, next, DEPTH);
    value = ft_suspend(record, value);
  }
}

static long run(void *state, long count) {
  struct walks *walks = state;
  walks->count = count;
  walks->frames = 0;
  descend(walks, 0, walks->fiber_count != 0 ? DEPTH : DEPTH + FIBERS * (DEPTH + FIBER_FRAMES));
  return walks->frames;
}

struct workload backtrace_workload(walk_function walk, bool in_fibers) {
  struct walks *walks = checked(calloc(1, sizeof *walks));
  walks->walk = walk;
  for (int i = 0; in_fibers && i < FIBERS; i++) {
    uint64_t id;
    struct ft_record *record = checked(ft_record_acquire(&id));
    uint64_t low = (uint64_t)stack_map();
    ft_fiber_init(record, low, low + STACK_SIZE, ft_stack_base(low, low + STACK_SIZE, id), run_link, walks);
    ft_record_publish(record, id);
    walks->fibers[walks->fiber_count++] = record;
  }
  return (struct workload){.state = walks, .run = run};
}

long walk_libunwind(void **buffer, int size) {
  static int (*walk)(void **, int);
  if (walk == NULL) {
    void *library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
    walk = library == NULL ? NULL : (int (*)(void **, int))dlsym(library, "unw_backtrace");
    if (walk == NULL) {
      fprintf(stderr, "%s; install libunwind8\n", dlerror());
      exit(1);
    }
  }
  return walk(buffer, size);
}

long walk_libc(void **buffer, int size) { return backtrace(buffer, size); }
