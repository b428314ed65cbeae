// Unwinding another process, by a libunwind that is loaded privately. CUnwindRemote.h says what for.

#define _GNU_SOURCE
#include "CUnwindRemote.h"

#include <dlfcn.h>
#include <libunwind.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if !defined(UNW_VERSION_MAJOR) || !defined(UNW_TARGET_X86_64)
#error "this is not nongnu libunwind's header for x86-64: install libunwind-dev"
#endif

#define NAME_(symbol) #symbol
#define NAME(symbol) NAME_(symbol)

static struct {
  unw_addr_space_t (*create)(unw_accessors_t *, int);
  void (*destroy)(unw_addr_space_t);
  int (*cache)(unw_addr_space_t, unw_caching_policy_t);
  int (*init)(unw_cursor_t *, unw_addr_space_t, void *);
  int (*step)(unw_cursor_t *);
  int (*get_register)(unw_cursor_t *, int, unw_word_t *);
  int (*is_signal_frame)(unw_cursor_t *);
  const char *(*describe)(int);
  // Exported for its own companions (libunwind-ptrace) and in no header; perf calls it the same way.
  int (*search)(unw_addr_space_t, unw_word_t, unw_dyn_info_t *, unw_proc_info_t *, int, void *);
} libunwind;

static char load_error[256];
static pthread_once_t load_once = PTHREAD_ONCE_INIT;

static void load(void) {
  const struct {
    const char *name;
    void *function;
  } symbols[] = {
      {NAME(unw_create_addr_space), &libunwind.create},
      {NAME(unw_destroy_addr_space), &libunwind.destroy},
      {NAME(unw_set_caching_policy), &libunwind.cache},
      {NAME(unw_init_remote), &libunwind.init},
      {NAME(unw_step), &libunwind.step},
      {NAME(unw_get_reg), &libunwind.get_register},
      {NAME(unw_is_signal_frame), &libunwind.is_signal_frame},
      {NAME(unw_strerror), &libunwind.describe},
      {NAME(UNW_OBJ(dwarf_search_unwind_table)), &libunwind.search},
  };
  void *library = dlopen("libunwind-x86_64.so.8", RTLD_NOW | RTLD_LOCAL);
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

// Words that one walk may read, code of expressions and tables among them: real frames need some hundreds.
#define MOST_READS (1u << 20)

struct ft_remote_walker {
  struct ft_remote_target target;
  unw_addr_space_t space;
  const uint64_t *registers;
  unsigned reads;
  // Of the step that is being made: no row was found, or none may be looked at.
  int is_uncovered;
  int is_refused;
};

static int find(unw_addr_space_t space, unw_word_t pc, unw_proc_info_t *info, int needs_rows, void *argument) {
  struct ft_remote_walker *walker = argument;
  struct ft_remote_table found;
  int answer = walker->target.find(walker->target.context, pc, &found);
  if (answer < 0) {
    walker->is_refused = 1;
    return -UNW_EBADFRAME;
  }
  int status = -UNW_ENOINFO;
  if (answer > 0) {
    unw_dyn_info_t table = {
        .start_ip = found.module_start,
        .end_ip = found.module_end,
        .format = UNW_INFO_FORMAT_REMOTE_TABLE,
        .u.rti = {.segbase = found.header,
                  .table_data = found.entries,
                  // In words, as everything that libunwind reads.
                  .table_len = found.count * 8 / sizeof(unw_word_t)}};
    status = libunwind.search(space, pc, &table, info, needs_rows, argument);
  }
  if (status == -UNW_ENOINFO)
    walker->is_uncovered = 1;
  return status;
}

// What `search` allocates it takes back itself.
static void put(unw_addr_space_t space, unw_proc_info_t *info, void *argument) {
  (void)space, (void)info, (void)argument;
}

static int dynamic_list(unw_addr_space_t space, unw_word_t *address, void *argument) {
  (void)space, (void)address, (void)argument;
  return -UNW_ENOINFO;
}

static int memory(unw_addr_space_t space, unw_word_t address, unw_word_t *word, int is_write, void *argument) {
  (void)space;
  struct ft_remote_walker *walker = argument;
  if (is_write || walker->reads++ >= MOST_READS)
    return -UNW_EINVAL;
  uint64_t value;
  if (!walker->target.read(walker->target.context, address, &value))
    return -UNW_EINVAL;
  *word = value;
  return 0;
}

static int general(unw_addr_space_t space, unw_regnum_t number, unw_word_t *value, int is_write, void *argument) {
  (void)space;
  struct ft_remote_walker *walker = argument;
  // libunwind's numbers are DWARF's here (enum x86_64_regnum).
  if (is_write || number < 0 || number > UNW_X86_64_RIP)
    return -UNW_EBADREG;
  *value = walker->registers[number];
  return 0;
}

static int floating(unw_addr_space_t space, unw_regnum_t number, unw_fpreg_t *value, int is_write, void *argument) {
  (void)space, (void)number, (void)value, (void)is_write, (void)argument;
  return -UNW_EBADREG;
}

static int resume(unw_addr_space_t space, unw_cursor_t *cursor, void *argument) {
  (void)space, (void)cursor, (void)argument;
  return -UNW_EINVAL;
}

static int name(unw_addr_space_t space, unw_word_t address, char *text, size_t size, unw_word_t *offset, void *argument) {
  (void)space, (void)address, (void)text, (void)size, (void)offset, (void)argument;
  return -UNW_ENOINFO;
}

struct ft_remote_walker *ft_remote_create(struct ft_remote_target target, const char **reason) {
  pthread_once(&load_once, load);
  if (load_error[0] != 0) {
    *reason = load_error;
    return NULL;
  }
  unw_accessors_t accessors = {.find_proc_info = find,
                               .put_unwind_info = put,
                               .get_dyn_info_list_addr = dynamic_list,
                               .access_mem = memory,
                               .access_reg = general,
                               .access_fpreg = floating,
                               .resume = resume,
                               .get_proc_name = name};
  struct ft_remote_walker *walker = calloc(1, sizeof *walker);
  // libunwind copies the accessors. 0 is this machine's byte order.
  unw_addr_space_t space = walker != NULL ? libunwind.create(&accessors, 0) : NULL;
  if (space == NULL) {
    free(walker);
    *reason = "libunwind has no memory for an address space";
    return NULL;
  }
  libunwind.cache(space, UNW_CACHE_GLOBAL);
  walker->target = target;
  walker->space = space;
  return walker;
}

void ft_remote_destroy(struct ft_remote_walker *walker) {
  libunwind.destroy(walker->space);
  free(walker);
}

const char *ft_remote_error(int32_t error) { return libunwind.describe(-error); }

static void take(unw_cursor_t *cursor, unw_word_t pc, uint32_t by_row, uint32_t interrupted,
                 struct ft_remote_frame *frame) {
  unw_word_t sp = 0, fp = 0;
  int has_fp = libunwind.get_register(cursor, UNW_X86_64_RBP, &fp) == 0;
  if (libunwind.get_register(cursor, UNW_REG_SP, &sp) != 0)
    sp = 0;
  *frame = (struct ft_remote_frame){
      .pc = pc, .sp = sp, .fp = fp, .has_fp = has_fp != 0, .by_row = by_row, .interrupted = interrupted};
}

size_t ft_remote_walk(struct ft_remote_walker *walker, const uint64_t *registers, struct ft_remote_frame *frames,
                      size_t limit, uint32_t *end, int32_t *error) {
  walker->registers = registers;
  walker->reads = 0;
  *error = 0;
  *end = FT_REMOTE_LIMIT;
  if (limit == 0)
    return 0;
  unw_cursor_t cursor;
  int status = libunwind.init(&cursor, walker->space, walker);
  if (status < 0) {
    *end = FT_REMOTE_FAILED;
    *error = -status;
    return 0;
  }
  size_t count = 0;
  take(&cursor, registers[UNW_X86_64_RIP], 1, 1, &frames[count++]);
  for (;;) {
    walker->is_uncovered = walker->is_refused = 0;
    status = libunwind.step(&cursor);
    unw_word_t pc = 0;
    if (status > 0 && libunwind.get_register(&cursor, UNW_REG_IP, &pc) != 0)
      status = -UNW_EBADREG;
    if (walker->is_refused) {
      *end = FT_REMOTE_REFUSED;
      break;
    }
    if (walker->reads >= MOST_READS) {
      *end = FT_REMOTE_TIRED;
      break;
    }
    if (status < 0) {
      *end = FT_REMOTE_FAILED;
      *error = -status;
      break;
    }
    if (status == 0 || pc == 0) {
      *end = FT_REMOTE_OUTERMOST;
      break;
    }
    if (count == limit)
      break;
    // libunwind 1.6.2 says this of the frame that a signal frame returns to, not of the signal frame.
    uint32_t interrupted = libunwind.is_signal_frame(&cursor) > 0;
    take(&cursor, pc, walker->is_uncovered == 0, interrupted, &frames[count++]);
  }
  return count;
}
