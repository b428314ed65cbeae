// Calls into the vdso, and the same by the system call.
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  int passed = 0;
  for (int clock = 0; clock < 8; clock++) {
    struct timespec one, two;
    if (clock_gettime(clock, &one) != 0 || syscall(SYS_clock_gettime, clock, &two) != 0)
      continue;
    passed += two.tv_sec > one.tv_sec || (two.tv_sec == one.tv_sec && two.tv_nsec >= one.tv_nsec);
    passed += clock_getres(clock, &one) == 0;
  }
  struct timeval now;
  gettimeofday(&now, NULL);
  passed += time(NULL) >= now.tv_sec;
  unsigned processor;
  passed += getcpu(&processor, NULL) == 0 && sched_getcpu() >= 0;
  printf("passed %d\n", passed);
  return 0;
}
