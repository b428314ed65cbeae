#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

struct beginning {
  pid_t process;
  int error;
};

// Only what is safe behind fork.
static _Noreturn void become(const char *path, char *const *arguments, int channel, int report) {
  sigset_t none;
  sigemptyset(&none);
  for (int number = 1; number < NSIG; number++)
    signal(number, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, NULL);
  struct beginning beginning = {getpid(), 0};
  int nothing = open("/dev/null", O_RDWR);
  // Out of the way of 0 to 4, each of which is about to be replaced.
  int away = fcntl(channel, F_DUPFD, 5);
  int up = fcntl(report, F_DUPFD, 6);
  if (nothing < 0 || away < 0 || up < 0 || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0 || dup2(nothing, 2) < 0 ||
      dup2(away, 3) < 0 || dup2(up, 4) < 0 || fcntl(4, F_SETFD, FD_CLOEXEC) != 0 || close_range(5, ~0u, 0) != 0) {
    beginning.error = errno;
    (void)!write(report, &beginning, sizeof beginning);
    _exit(127);
  }
  // First the id; behind it an error if there is one.
  (void)!write(4, &beginning, sizeof beginning);
  execv(path, arguments);
  beginning.error = errno;
  (void)!write(4, &beginning, sizeof beginning);
  _exit(127);
}

pid_t ft_start_apart(const char *path, char *const *arguments, int channel, int *exec_error) {
  *exec_error = 0;
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0)
    return -errno;
  pid_t child = fork();
  if (child == 0) {
    // Of a session without a terminal and not its leader: it never gets one.
    setsid();
    pid_t grandchild = fork();
    if (grandchild == 0)
      become(path, arguments, channel, report[1]);
    _exit(grandchild < 0 ? 1 : 0);
  }
  int error = errno;
  close(report[1]);
  struct beginning beginning = {0, 0};
  if (child < 0) {
    close(report[0]);
    return -error;
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ssize_t count;
  while ((count = read(report[0], &beginning, sizeof beginning)) > 0 || (count < 0 && errno == EINTR)) {
  }
  close(report[0]);
  if (beginning.process == 0)
    return -EAGAIN;
  *exec_error = beginning.error;
  return beginning.error == 0 ? beginning.process : 0;
}

int ft_open_line(char *name, size_t size, int *other) {
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0)
    return -errno;
  int error = 0;
  struct termios settings;
  *other = -1;
  if (grantpt(master) != 0 || unlockpt(master) != 0)
    error = errno;
  if (error == 0)
    error = ptsname_r(master, name, size);
  if (error == 0) {
    *other = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*other < 0 || tcgetattr(*other, &settings) != 0)
      error = errno;
  }
  if (error == 0) {
    cfmakeraw(&settings);
    if (tcsetattr(*other, TCSANOW, &settings) != 0)
      error = errno;
  }
  if (error == 0)
    return master;
  if (*other >= 0)
    close(*other);
  close(master);
  return -error;
}
