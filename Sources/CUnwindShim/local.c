// Unwinding in this process, by a libunwind that is loaded privately. CUnwindShim.h says why.

#define _GNU_SOURCE
#define UNW_LOCAL_ONLY
#include "CUnwindShim.h"

#include <dlfcn.h>
#include <errno.h>
#include <libunwind.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if !defined(UNW_VERSION_MAJOR) || !defined(UNW_TARGET_X86_64)
#error "this is not nongnu libunwind's header for x86-64: install libunwind-dev"
#endif

// The names that the macros of libunwind.h stand for, as strings.
#define NAME_(symbol) #symbol
#define NAME(symbol) NAME_(symbol)

static struct {
  int (*backtrace)(void **, int);
  int (*get_context)(unw_tdep_context_t *);
  int (*init)(unw_cursor_t *, unw_context_t *);
  int (*init_at)(unw_cursor_t *, unw_context_t *, int);
  int (*step)(unw_cursor_t *);
  int (*get_register)(unw_cursor_t *, int, unw_word_t *);
  int (*is_signal_frame)(unw_cursor_t *);
  int (*get_name)(unw_cursor_t *, char *, size_t, unw_word_t *);
  int (*get_function)(unw_cursor_t *, unw_proc_info_t *);
} libunwind;

static char load_error[256];
static pthread_once_t load_once = PTHREAD_ONCE_INIT;

static void load(void) {
  const struct {
    const char *name;
    void *function;
  } symbols[] = {
      {"unw_backtrace", &libunwind.backtrace},
      {NAME(unw_tdep_getcontext), &libunwind.get_context},
      {NAME(unw_init_local), &libunwind.init},
      {NAME(unw_init_local2), &libunwind.init_at},
      {NAME(unw_step), &libunwind.step},
      {NAME(unw_get_reg), &libunwind.get_register},
      {NAME(unw_is_signal_frame), &libunwind.is_signal_frame},
      {NAME(unw_get_proc_name), &libunwind.get_name},
      {NAME(unw_get_proc_info), &libunwind.get_function},
  };
  void *library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    snprintf(load_error, sizeof load_error, "%s; install libunwind8", dlerror());
    return;
  }
  for (size_t index = 0; index < sizeof symbols / sizeof symbols[0]; index++) {
    void *address = dlsym(library, symbols[index].name);
    if (address == NULL) {
      snprintf(load_error, sizeof load_error, "%s; install libunwind8 1.6 or newer", dlerror());
      return;
    }
    memcpy(symbols[index].function, &address, sizeof address);
  }
}

const char *ft_unwind_load(void) {
  pthread_once(&load_once, load);
  return load_error[0] == 0 ? NULL : load_error;
}

// Not inlined, here and below: the walk starts in this function, and its first frame is dropped.
__attribute__((noinline)) size_t ft_unwind_raw(void **buffer, size_t count) {
  if (count == 0 || ft_unwind_load() != NULL)
    return 0;
  int found = libunwind.backtrace(buffer, count < INT_MAX ? (int)count : INT_MAX);
  if (found <= 1)
    return 0;
  memmove(buffer, buffer + 1, (size_t)(found - 1) * sizeof *buffer);
  return (size_t)(found - 1);
}

__attribute__((noinline)) struct ft_unwind_walk ft_unwind_walk(size_t limit) {
  struct ft_unwind_walk walk = {.end = FT_UNWIND_UNAVAILABLE};
  if (ft_unwind_load() != NULL)
    return walk;

  unw_context_t context;
  unw_cursor_t cursor;
  int status = libunwind.get_context(&context);
  if (status == 0)
    status = libunwind.init(&cursor, &context);
  size_t capacity = 0;
  while (status >= 0) {
    unw_word_t pc = 0, frame_pointer = 0;
    status = libunwind.step(&cursor);
    if (status > 0)
      status = libunwind.get_register(&cursor, UNW_REG_IP, &pc) < 0 ? -UNW_EBADREG : 1;
    if (status < 0)
      break;
    if (status == 0 || pc == 0) {
      walk.end = FT_UNWIND_OUTERMOST;
      return walk;
    }
    if (walk.count == limit) {
      walk.end = FT_UNWIND_LIMIT;
      return walk;
    }
    if (walk.count == capacity) {
      capacity = capacity == 0 ? 64 : 2 * capacity;
      struct ft_unwind_frame *frames = reallocarray(walk.frames, capacity, sizeof *frames);
      if (frames == NULL) {
        walk.end = FT_UNWIND_NO_MEMORY;
        walk.error = errno;
        return walk;
      }
      walk.frames = frames;
    }
    // libunwind 1.6.2 says this of the frame that a signal frame returns to, not of the signal frame.
    uint32_t interrupted = libunwind.is_signal_frame(&cursor) > 0;
    if (libunwind.get_register(&cursor, UNW_X86_64_RBP, &frame_pointer) < 0)
      frame_pointer = 0;
    walk.frames[walk.count++] =
        (struct ft_unwind_frame){.pc = pc, .frame_pointer = frame_pointer, .interrupted = interrupted};
  }
  walk.end = FT_UNWIND_FAILED;
  walk.error = -status;
  return walk;
}

char *ft_unwind_name(uint64_t address, uint64_t *offset) {
  if (ft_unwind_load() != NULL)
    return NULL;

  // A context that stands at `address`, as if a signal had come there, so that libunwind takes nothing off it.
  unw_context_t context;
  memset(&context, 0, sizeof context);
  context.uc_mcontext.gregs[REG_RIP] = (greg_t)address;
  unw_cursor_t cursor;
  unw_proc_info_t function;
  if (libunwind.init_at(&cursor, &context, UNW_INIT_SIGNAL_FRAME) < 0 ||
      libunwind.get_function(&cursor, &function) < 0)
    return NULL;

  // Mangled names have no bound of their own. libunwind says UNW_ENOMEM when one did not fit.
  for (size_t size = 512; size <= 1 << 20; size *= 2) {
    char *name = malloc(size);
    unw_word_t distance = 0;
    int status = name != NULL ? libunwind.get_name(&cursor, name, size, &distance) : -UNW_EUNSPEC;
    unw_word_t start = address - distance;
    if (status == 0 && start >= function.start_ip && start < function.end_ip) {
      *offset = distance;
      return name;
    }
    free(name);
    if (status != -UNW_ENOMEM)
      return NULL;
  }
  return NULL;
}

const char *ft_unwind_module(uint64_t address, uint64_t *base) {
  Dl_info module;
  if (dladdr((const void *)address, &module) == 0)
    return NULL;
  *base = (uint64_t)module.dli_fbase;
  return module.dli_fname;
}
