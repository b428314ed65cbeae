// A thread without system calls.

#define _GNU_SOURCE // syscall

#include "CFiberTraceFixtures.h"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

bool fixture_forbid_system_calls(void) { return prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0; }

void fixture_end_thread(void) { syscall(SYS_exit, 0); }
