// Steps a program through every instruction of the switch by ptrace and prints what libdw makes of each boundary.
//
//   outside_libdw PROGRAM ARGUMENT...
//
// The program raises SIGUSR1 where stepping begins and again where it ends, as often as it likes; in between, the thread that
// raised it is stepped instruction by instruction. Prints the lines S, O, F and E that outside_gdb.py describes. libdw gets its registers and
// memory through callbacks, so that a fiber that does not run is walked as a thread with registers of our making.

#define _GNU_SOURCE
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "FiberTraceRegistry.h"

#define FIBERS 3
#define TEXT 2048
#define MOST_FRAMES 100

static _Noreturn void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("outside_libdw: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(2);
}

static pid_t process;
static Dwfl *dwfl;
/// The program itself, whose functions are named; other modules are named by their file.
static Dwfl_Module *program;
/// What libdw is told of the one thread it walks.
static struct user_regs_struct registers;

// ---- The target, as libdw asks for it ----

static bool read_memory(Dwfl *d, Dwarf_Addr address, Dwarf_Word *result, void *unused) {
  (void)d, (void)unused;
  struct iovec here = {result, sizeof *result}, there = {(void *)address, sizeof *result};
  return process_vm_readv(process, &here, 1, &there, 1, 0) == sizeof *result;
}

static pid_t next_thread(Dwfl *d, void *unused, void **state) {
  (void)d, (void)unused;
  if (*state != NULL)
    return 0;
  *state = &registers;
  return process;
}

static bool get_thread(Dwfl *d, pid_t tid, void *unused, void **state) {
  (void)d, (void)tid, (void)unused;
  *state = &registers;
  return true;
}

static bool set_registers(Dwfl_Thread *thread, void *unused) {
  (void)unused;
  const struct user_regs_struct *r = &registers;
  // In DWARF's order; 16 is the return address column.
  const Dwarf_Word values[17] = {r->rax, r->rdx, r->rcx, r->rbx, r->rsi, r->rdi, r->rbp, r->rsp, r->r8,
                                 r->r9,  r->r10, r->r11, r->r12, r->r13, r->r14, r->r15, r->rip};
  return dwfl_thread_state_registers(thread, 0, 17, values);
}

static const Dwfl_Thread_Callbacks threads = {
    .next_thread = next_thread, .get_thread = get_thread, .memory_read = read_memory, .set_initial_registers = set_registers};

// ---- Walking ----

struct list {
  char text[8192];
  size_t length;
  int frames;
};

static void add(struct list *list, const char *name) {
  int written = snprintf(list->text + list->length, sizeof list->text - list->length, "%s%s", list->length ? "," : "", name);
  list->length += (size_t)written;
  if (list->length >= sizeof list->text)
    fail("a list of frames is too long");
}

static int visit(Dwfl_Frame *frame, void *argument) {
  struct list *list = argument;
  Dwarf_Addr pc;
  bool is_activation;
  if (list->frames++ == MOST_FRAMES || !dwfl_frame_pc(frame, &pc, &is_activation)) {
    add(list, list->frames > MOST_FRAMES ? "too many frames" : dwfl_errmsg(-1));
    return DWARF_CB_ABORT;
  }
  Dwarf_Addr inside = is_activation ? pc : pc - 1;
  Dwfl_Module *module = dwfl_addrmodule(dwfl, inside);
  if (module != NULL && module != program) {
    const char *file = dwfl_module_info(module, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    add(list, strrchr(file, '/') ? strrchr(file, '/') + 1 : file);
    return DWARF_CB_ABORT;
  }
  const char *name = module ? dwfl_module_addrname(module, inside) : NULL;
  add(list, name ? name : "?");
  return DWARF_CB_OK;
}

/// The frames from `registers` on. A walk that ends in an error says so in the list.
static const char *walk(struct list *list) {
  *list = (struct list){.length = 0};
  dwfl_errno();
  if (dwfl_getthread_frames(dwfl, process, visit, list) == -1)
    add(list, dwfl_errmsg(-1));
  return list->text;
}

// ---- The program's symbols ----

struct function {
  const char *name;
  GElf_Addr low, high;
};

static struct function stepped[] = {{"ft_fiber_init", 0, 0},      {"ft_fiber_resume", 0, 0},    {"ft_fiber_suspend", 0, 0},
                                    {"ft_fiber_resume_c", 0, 0},  {"ft_fiber_suspend_c", 0, 0}, {"ft_fiber_start", 0, 0},
                                    {"ft_shadow_stack_enabled", 0, 0}, {"ft_fiber_suspend_called", 0, 0}};
enum { STEPPED = sizeof stepped / sizeof *stepped };

static struct function symbol(const char *name) {
  int count = dwfl_module_getsymtab(program);
  for (int index = 1; index < count; index++) {
    GElf_Sym entry;
    GElf_Addr address;
    const char *found = dwfl_module_getsym_info(program, index, &entry, &address, NULL, NULL, NULL);
    if (found != NULL && strcmp(found, name) == 0)
      return (struct function){name, address, address + entry.st_size};
  }
  fail("the program has no symbol %s", name);
}

static const char *read_text(char *text, GElf_Addr address) {
  struct iovec here = {text, TEXT}, there = {(void *)address, TEXT};
  if (process_vm_readv(process, &here, 1, &there, 1, 0) != TEXT || memchr(text, 0, TEXT) == NULL)
    fail("no text at %#lx", address);
  return text;
}

static GElf_Addr read_word(GElf_Addr address) {
  Dwarf_Word word;
  if (!read_memory(dwfl, address, &word, NULL))
    fail("no word at %#lx", address);
  return word;
}

static GElf_Addr here, there, observe, observed_truth, observed_record, suspended;

/// Tells libdw of the program and its libraries, once all are mapped.
static void open_modules(void) {
  static char *no_path;
  static const Dwfl_Callbacks files = {
      .find_elf = dwfl_linux_proc_find_elf, .find_debuginfo = dwfl_standard_find_debuginfo, .debuginfo_path = &no_path};
  dwfl = dwfl_begin(&files);
  if (dwfl == NULL || dwfl_linux_proc_report(dwfl, process) != 0 || dwfl_report_end(dwfl, NULL, NULL) != 0)
    fail("cannot list the modules of pid %d: %s", process, dwfl_errmsg(-1));
}

static int is_program(Dwfl_Module *module, void **unused, const char *name, Dwarf_Addr start, void *path) {
  (void)unused, (void)start;
  char *real = realpath(path, NULL);
  if (real != NULL && strcmp(name, real) == 0)
    program = module;
  free(real);
  return DWARF_CB_OK;
}

static void begin(char *path) {
  open_modules();
  if (dwfl_getmodules(dwfl, is_program, path, 0) != 0 || program == NULL)
    fail("%s is not among the modules of pid %d", path, process);
  // The first module must be known as an ELF file before a process is attached: it tells libdw the architecture.
  GElf_Addr bias;
  if (dwfl_module_getelf(program, &bias) == NULL || !dwfl_attach_state(dwfl, NULL, process, &threads, NULL))
    fail("cannot attach to pid %d: %s", process, dwfl_errmsg(-1));
  for (int index = 0; index < STEPPED; index++)
    stepped[index] = symbol(stepped[index].name);
  here = symbol("truth_here").low;
  there = symbol("truth_there").low;
  observe = symbol("observe").low;
  observed_truth = symbol("observed_truth").low;
  observed_record = symbol("observed_record").low;
  suspended = read_word(symbol("ft_fiber_registry").low + offsetof(struct ft_registry, suspended_pc));
}

// ---- What is printed ----

static void show_observation(void) {
  char text[TEXT];
  struct list list;
  printf("O\tobserve\t%s\t%s\n", read_text(text, here), walk(&list));
  for (int index = 0; index < FIBERS; index++) {
    if (read_text(text, observed_truth + (GElf_Addr)index * TEXT)[0] == 0)
      continue;
    // The state that unwinds a fiber that does not run; the record's first word is the saved sp.
    memset(&registers, 0, sizeof registers);
    registers.rip = suspended;
    registers.rsp = registers.rbp = read_word(read_word(observed_record + (GElf_Addr)index * sizeof(GElf_Addr)));
    printf("F\tfiber %d\t%s\t%s\n", index, text, walk(&list));
  }
}

/// Where `pc` stands in the assembly of ft_suspend, inlined somewhere, in bytes from its start to its end inclusive; -1 for
/// other code.
static int inlined_offset(GElf_Addr pc) {
  // lea 10(%rip), %rcx; mov %rcx, -8(%rsp); jmp
  static const unsigned char code[] = {0x48, 0x8d, 0x0d, 10, 0, 0, 0, 0x48, 0x89, 0x4c, 0x24, 0xf8, 0xe9};
  static const int offsets[] = {0, 7, 12, 17};
  for (size_t index = 0; index < sizeof offsets / sizeof *offsets; index++) {
    unsigned char found[sizeof code];
    struct iovec to = {found, sizeof found}, from = {(void *)(pc - (GElf_Addr)offsets[index]), sizeof found};
    if (process_vm_readv(process, &to, 1, &from, 1, 0) == sizeof found && memcmp(found, code, sizeof code) == 0)
      return offsets[index];
  }
  return -1;
}

static void show_step(const char *function, GElf_Addr offset) {
  char before[TEXT], after[TEXT];
  struct list list;
  printf("S\t%s+%lu\t%s\t%s\t%s\n", function, (unsigned long)offset, read_text(before, here), read_text(after, there),
         walk(&list));
}

static void show(pid_t thread) {
  if (ptrace(PTRACE_GETREGS, thread, NULL, &registers) != 0)
    fail("cannot read the registers of thread %d: %s", thread, strerror(errno));
  GElf_Addr pc = registers.rip;
  if (pc == observe)
    show_observation();
  for (int index = 0; index < STEPPED; index++)
    if (pc >= stepped[index].low && pc < stepped[index].high)
      return show_step(stepped[index].name, pc - stepped[index].low);
  int offset = inlined_offset(pc);
  if (offset >= 0)
    show_step("ft_suspend", (GElf_Addr)offset);
}

// ---- Driving the program ----

int main(int argc, char **argv) {
  if (argc < 2)
    fail("usage: outside_libdw PROGRAM ARGUMENT...");
  process = fork();
  if (process == 0) {
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    execv(argv[1], argv + 1);
    _exit(127);
  }
  int status;
  if (waitpid(process, &status, 0) != process || !WIFSTOPPED(status))
    fail("cannot start %s", argv[1]);
  if (ptrace(PTRACE_SETOPTIONS, process, NULL, PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL) != 0)
    fail("cannot trace pid %d: %s", process, strerror(errno));
  pid_t stepping = 0, thread = process;
  int signal = 0;
  for (;;) {
    // Bounded by the program's own run, and that by whoever started us.
    if (ptrace(thread == stepping ? PTRACE_SINGLESTEP : PTRACE_CONT, thread, NULL, signal) != 0 && errno != ESRCH)
      fail("cannot continue thread %d: %s", thread, strerror(errno));
    thread = waitpid(-1, &status, __WALL);
    if (thread == -1)
      fail("lost the program: %s", strerror(errno));
    signal = 0;
    if (!WIFSTOPPED(status)) {
      if (thread == process) {
        printf("E\t%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        return 0;
      }
    } else if (WSTOPSIG(status) == SIGUSR1) {
      if (dwfl == NULL)
        begin(argv[1]);
      stepping = stepping == 0 ? thread : 0;
    } else if (WSTOPSIG(status) == SIGTRAP) {
      if (thread == stepping)
        show(thread);
    } else if (WSTOPSIG(status) != SIGSTOP) {
      signal = WSTOPSIG(status);
    }
  }
}
