#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static const int signals[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE};
#define SIGNAL_COUNT (sizeof(signals) / sizeof(signals[0]))

static _Atomic(const char *) removed_path;

/* SA_RESETHAND has restored the default: raised again it ends the process, when this returns. */
static void remove_and_end(int signal) {
  const char *path = atomic_load(&removed_path);
  if (path != NULL)
    unlink(path);
  raise(signal);
}

static int remove_on_signal(const char *path) {
  atomic_store(&removed_path, path);
  struct sigaction action = {.sa_handler = remove_and_end, .sa_flags = (int)SA_RESETHAND};
  sigfillset(&action.sa_mask);
  for (size_t index = 0; index < SIGNAL_COUNT; index++) {
    struct sigaction old;
    /* What a parent has had ignored (nohup) stays so. */
    if (sigaction(signals[index], NULL, &old) != 0)
      return errno;
    if (old.sa_handler != SIG_IGN && sigaction(signals[index], &action, NULL) != 0)
      return errno;
  }
  return 0;
}

int ft_make_removable(char *name) {
  /* A signal between the two would leave the file. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  int file = mkostemp(name, O_CLOEXEC);
  int error = file < 0 ? errno : remove_on_signal(name);
  if (error != 0 && file >= 0) {
    atomic_store(&removed_path, NULL);
    unlink(name);
    close(file);
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error == 0 ? file : -error;
}

void ft_keep_on_signal(void) { atomic_store(&removed_path, NULL); }
