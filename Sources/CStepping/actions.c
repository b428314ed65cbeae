// The signals that the recorder lives by, taken for as long as it records, and given back as they were.
#define _GNU_SOURCE
#include "recorder.h"
#include "system.h"

#include <dlfcn.h>
#include <string.h>

const int ft_fault_signals[FT_FAULT_COUNT] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};

void ft_get_action(int number, struct ft_kernel_action *action) {
  ft_system(SYS_rt_sigaction, number, 0, (long)action, 8, 0, 0);
}

void ft_set_action(int number, const struct ft_kernel_action *action) {
  ft_system(SYS_rt_sigaction, number, (long)action, 0, 8, 0, 0);
}

static void handle(int number, void (*handler)(int, siginfo_t *, void *)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  // No handler of the body's runs within this one.
  sigfillset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

// Nobody handles the signal: it ends the process, or Swift's runtime prints a backtrace and then does.
static bool ends_process(const struct ft_kernel_action *action) {
  if (action->handler == (uint64_t)SIG_DFL)
    return true;
  Dl_info library;
  return action->handler != (uint64_t)SIG_IGN && dladdr((void *)action->handler, &library) != 0 && library.dli_fname != NULL &&
         strstr(library.dli_fname, "/libswiftCore.so") != NULL;
}

void ft_take_signals(struct ft_recorder *recorder) {
  ft_get_action(SIGTRAP, &recorder->trap_action);
  handle(SIGTRAP, ft_on_trap);
  for (int index = 0; index < FT_FAULT_COUNT; index++) {
    struct ft_kernel_action *action = &recorder->fault_actions[index];
    ft_get_action(ft_fault_signals[index], action);
    recorder->catches[index] = ends_process(action);
    if (recorder->catches[index])
      handle(ft_fault_signals[index], ft_on_fault);
  }
}

// Called by the handler, too, where a body was left.
void ft_give_back_signals(struct ft_recorder *recorder) {
  ft_set_action(SIGTRAP, &recorder->trap_action);
  for (int index = 0; index < FT_FAULT_COUNT; index++) {
    if (!recorder->catches[index])
      continue;
    // One that the body has put in its place stays.
    struct ft_kernel_action now;
    ft_get_action(ft_fault_signals[index], &now);
    if (now.handler == (uint64_t)ft_on_fault)
      ft_set_action(ft_fault_signals[index], &recorder->fault_actions[index]);
  }
}
