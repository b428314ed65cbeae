// System calls for a signal handler: they touch neither errno nor anything else of libc, which may be just being stepped through.
#ifndef FT_STEPPING_SYSTEM_H
#define FT_STEPPING_SYSTEM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/uio.h>

// Answers a negative errno value for an error, as the kernel does.
static inline long ft_system(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

static inline int ft_thread_id(void) { return (int)ft_system(SYS_gettid, 0, 0, 0, 0, 0, 0); }

// Copies memory that may not be there. Answers the number of bytes copied, from the start on, or a negative errno value.
static inline long ft_copy_in(int process, void *to, uint64_t from, size_t size) {
  struct iovec local = {to, size};
  struct iovec remote = {(void *)from, size};
  return ft_system(SYS_process_vm_readv, process, (long)&local, 1, (long)&remote, 1, 0);
}

static inline long ft_copy_out(int process, uint64_t to, const void *from, size_t size) {
  struct iovec local = {(void *)from, size};
  struct iovec remote = {(void *)to, size};
  return ft_system(SYS_process_vm_writev, process, (long)&local, 1, (long)&remote, 1, 0);
}

#endif
