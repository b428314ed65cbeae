#define _GNU_SOURCE
#include "CProcess.h"

#include <elf.h>
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define FT_GATHER_LIMIT 1024

int ft_ptrace_seize(pid_t thread) { return ptrace(PTRACE_SEIZE, thread, NULL, NULL) == 0 ? 0 : errno; }

int ft_ptrace_interrupt(pid_t thread) { return ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) == 0 ? 0 : errno; }

int ft_ptrace_detach(pid_t thread, int signal) {
  return ptrace(PTRACE_DETACH, thread, NULL, (void *)(intptr_t)signal) == 0 ? 0 : errno;
}

int ft_ptrace_registers(pid_t thread, uint64_t *words, size_t *size) {
  return ft_ptrace_register_set(thread, NT_PRSTATUS, words, size);
}

int ft_ptrace_register_set(pid_t thread, uint32_t type, void *bytes, size_t *size) {
  struct iovec area = {bytes, *size};
  if (ptrace(PTRACE_GETREGSET, thread, (void *)(uintptr_t)type, &area) != 0)
    return errno;
  *size = area.iov_len;
  return 0;
}

int ft_ptrace_signal(pid_t thread, void *bytes) {
  return ptrace(PTRACE_GETSIGINFO, thread, NULL, bytes) == 0 ? 0 : errno;
}

enum ft_thread_event ft_thread_poll(pid_t thread, int *status) {
  siginfo_t info;
  info.si_pid = 0;
  int result;
  do {
    result = waitid(P_PID, (id_t)thread, &info, WSTOPPED | WEXITED | WNOHANG | WNOWAIT | __WALL);
  } while (result != 0 && errno == EINTR);
  if (result != 0)
    return FT_THREAD_GONE;
  if (info.si_pid == 0)
    return FT_THREAD_RUNNING;
  if (info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED)
    return FT_THREAD_GONE;
  *status = info.si_status;
  return FT_THREAD_STOPPED;
}

ssize_t ft_memory_gather(pid_t process, const struct ft_remote_range *ranges, size_t count, void *buffer, size_t size) {
  struct iovec remote[FT_GATHER_LIMIT];
  if (count > FT_GATHER_LIMIT)
    count = FT_GATHER_LIMIT;
  for (size_t index = 0; index < count; index++) {
    remote[index].iov_base = (void *)ranges[index].address;
    remote[index].iov_len = ranges[index].size;
  }
  struct iovec local = {buffer, size};
  ssize_t copied = process_vm_readv(process, &local, 1, remote, count, 0);
  return copied >= 0 ? copied : -errno;
}

int ft_memory_file(const char *name, const void *bytes, size_t size) {
  int descriptor = memfd_create(name, MFD_CLOEXEC);
  if (descriptor < 0)
    return -errno;
  for (size_t written = 0; written < size;) {
    ssize_t count = write(descriptor, (const char *)bytes + written, size - written);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0) {
      int error = count < 0 ? errno : EIO;
      close(descriptor);
      return -error;
    }
    written += (size_t)count;
  }
  return descriptor;
}

struct ft_task {
  void (*body)(void *);
  void *context;
};

static void *ft_task_run(void *argument) {
  struct ft_task *task = argument;
  task->body(task->context);
  return NULL;
}

int ft_run_on_new_thread(void (*body)(void *), void *context) {
  struct ft_task task = {body, context};
  pthread_t thread;
  int error = pthread_create(&thread, NULL, ft_task_run, &task);
  return error != 0 ? error : pthread_join(thread, NULL);
}
