#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t ft_start_traced(const char *path, char *const *arguments, uint64_t options,
                      const struct ft_inheritance *inheritance, int *exec_error) {
  *exec_error = 0;
  int go[2], failed[2];
  if (pipe2(go, O_CLOEXEC) != 0)
    return -errno;
  if (pipe2(failed, O_CLOEXEC) != 0) {
    int error = errno;
    close(go[0]);
    close(go[1]);
    return -error;
  }
  pid_t child = fork();
  if (child == 0) {
    // Only what is safe behind fork. It waits until it is traced.
    char byte;
    close(go[1]);
    if (read(go[0], &byte, 1) == 1) {
      // A limit that cannot be lowered back stays: the program has more than it would have.
      struct rlimit limit = {inheritance->soft_descriptors, inheritance->hard_descriptors};
      setrlimit(RLIMIT_NOFILE, &limit);
      // A handler becomes the default by exec.
      if (inheritance->ignores_wake)
        signal(SIGURG, SIG_IGN);
      sigset_t mask;
      sigemptyset(&mask);
      mask.__val[0] = inheritance->blocked;
      sigprocmask(SIG_SETMASK, &mask, NULL);
      execv(path, arguments);
    }
    int error = errno;
    if (write(failed[1], &error, sizeof error) != sizeof error)
      _exit(126);
    _exit(127);
  }
  int error = child < 0 ? errno : 0;
  close(go[0]);
  close(failed[1]);
  if (child > 0) {
    if (ptrace(PTRACE_SEIZE, child, NULL, (void *)(uintptr_t)options) != 0)
      error = errno;
    // Closing it ends the child; a byte lets it go on. exec closes its end of the other pipe, if it does not fail.
    if (error == 0 && write(go[1], "", 1) != 1)
      error = errno;
  }
  close(go[1]);
  if (error == 0) {
    ssize_t got;
    do {
      got = read(failed[0], exec_error, sizeof *exec_error);
    } while (got < 0 && errno == EINTR);
    if (got != sizeof *exec_error)
      *exec_error = 0;
  }
  close(failed[0]);
  if (child > 0 && (error != 0 || *exec_error != 0)) {
    int status;
    while (waitpid(child, &status, __WALL) < 0 && errno == EINTR)
      ;
    return error != 0 ? -error : 0;
  }
  return error != 0 ? -error : child;
}

pid_t ft_wait_traced(int *status) {
  pid_t result = waitpid(-1, status, __WALL | __WNOTHREAD);
  return result < 0 ? -errno : result;
}

pid_t ft_poll_traced(int *status) {
  pid_t result = waitpid(-1, status, __WALL | __WNOTHREAD | WNOHANG);
  return result < 0 ? -errno : result;
}

bool ft_shares_memory(pid_t process, pid_t other, bool otherwise) {
  long result = syscall(SYS_kcmp, process, other, KCMP_VM, 0, 0);
  return result < 0 ? otherwise : result == 0;
}

int ft_ptrace_user_registers(pid_t thread, uint64_t *words) {
  return ptrace(PTRACE_GETREGS, thread, NULL, words) == 0 ? 0 : errno;
}

int ft_ptrace_seize_with(pid_t thread, uint64_t options) {
  return ptrace(PTRACE_SEIZE, thread, NULL, (void *)(uintptr_t)options) == 0 ? 0 : errno;
}

int ft_ptrace_listen(pid_t thread) { return ptrace(PTRACE_LISTEN, thread, NULL, NULL) == 0 ? 0 : errno; }

int ft_ptrace_event_message(pid_t thread, uint64_t *message) {
  unsigned long value = 0;
  int error = ptrace(PTRACE_GETEVENTMSG, thread, NULL, &value) == 0 ? 0 : errno;
  *message = value;
  return error;
}
