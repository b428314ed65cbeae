/// Another user's view, for tests that run as root.
#ifndef CTESTIDENTITY_H
#define CTESTIDENTITY_H

#include <sys/types.h>

/// Runs `body` on a new thread whose user is `user`, without capabilities; the rest of the process keeps its own.
/// Answers 0 or an errno value.
int ft_test_run_as(uid_t user, void (*_Nonnull body)(void *_Nonnull), void *_Nonnull context);

/// PTRACE_SEIZE of `process` on a new thread, which runs `body` and lets go. Answers 0 or an errno value.
int ft_test_run_tracing(pid_t process, void (*_Nonnull body)(void *_Nonnull), void *_Nonnull context);

#endif
