// Handlers of faults: before FiberTrace's own, and instead of it.

#define _GNU_SOURCE
#include "CFiberAsm.h"
#include "CFiberTraceFixtures.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

static void handle(void (*handler)(int, siginfo_t *, void *)) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  sigaction(SIGSEGV, &action, NULL);
}

static int exit_code;

static void exit_on_fault(int signal, siginfo_t *info, void *context) {
  (void)context;
  const char text[] = "fault handled\n";
  if (signal == SIGSEGV && info->si_code > 0 && write(STDERR_FILENO, text, sizeof text - 1) > 0)
    _exit(exit_code);
}

void fixture_exit_on_fault(int code) {
  exit_code = code;
  handle(exit_on_fault);
}

static char *repaired;

static void repair(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  if (info->si_addr == repaired)
    mprotect(repaired, 4096, PROT_READ | PROT_WRITE);
  else
    _exit(99);
}

void fixture_repair_faults(void) { handle(repair); }

int fixture_fault_and_repair(void) {
  repaired = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *(volatile char *)repaired = 1;
  return *(volatile char *)repaired;
}

size_t fixture_alternate_stack_size(void) {
  stack_t current;
  return sigaltstack(NULL, &current) != 0 || current.ss_flags & SS_DISABLE ? 0 : current.ss_size;
}

void fixture_set_alternate_stack(size_t size) {
  stack_t alternate = {.ss_sp = malloc(size), .ss_size = size};
  sigaltstack(&alternate, NULL);
}

static struct ft_record *overflowing;

// Runs on the overflowed stack as if ft_fiber_start had called it in place of the entry function.
static void *recovered(struct ft_record *record) { return record; }

static void recover(int signal, siginfo_t *info, void *context) {
  (void)signal;
  greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  uint64_t address = (uint64_t)info->si_addr;
  if (address >= overflowing->low || overflowing->low - address > FT_STACK_GUARD)
    _exit(98);
  // The entry function's return address lies there, and it is called with rbp at the base.
  registers[REG_RSP] = (greg_t)(overflowing->base - 24);
  registers[REG_RBP] = (greg_t)overflowing->base;
  registers[REG_RIP] = (greg_t)recovered;
  registers[REG_RDI] = (greg_t)overflowing;
}

static void *recurse_forever(struct ft_record *record, void *value, void *argument) {
  (void)record, (void)value, (void)argument;
  return (void *)fixture_recurse(UINT64_MAX);
}

int fixture_recover_from_overflows(int count) {
  stack_t alternate = {.ss_sp = malloc(65536), .ss_size = 65536}, previous;
  sigaltstack(&alternate, &previous);
  handle(recover);
  size_t size = 65536;
  char *memory = mmap(NULL, size + FT_STACK_GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(memory + FT_STACK_GUARD, size, PROT_READ | PROT_WRITE);
  uint64_t low = (uint64_t)memory + FT_STACK_GUARD;
  int recoveries = 0;
  for (int index = 0; index < count; index++) {
    overflowing = ft_registry_acquire(&ft_fiber_registry);
    uint64_t id = ft_registry_next_id(&ft_fiber_registry);
    ft_fiber_init(overflowing, low, low + size, ft_stack_base(low, low + size, id), recurse_forever, NULL);
    ft_record_publish(overflowing, id);
    void *value = ft_resume(overflowing, NULL);
    recoveries += value == overflowing && overflowing->identity & FT_FLAG_FINISHED && overflowing->count == 2;
    ft_registry_release(&ft_fiber_registry, overflowing);
  }
  munmap(memory, size + FT_STACK_GUARD);
  sigaltstack(&previous, NULL);
  free(alternate.ss_sp); // LeakSanitizer does not see that the system knows it
  return recoveries;
}
