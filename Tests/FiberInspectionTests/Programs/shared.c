// Shared memory of 64 MiB twice, of which few pages were ever written: the first one of a memory file, and the second of an
// anonymous mapping, by another process. Prints the addresses of both and the descriptor of the file, then waits to be killed.

#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { page = 4096, size = 64 << 20 };

int main(void) {
  int file = memfd_create("sparse", MFD_CLOEXEC);
  ftruncate(file, size);
  char *named = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  char *nameless = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  memset(named, 0x5a, page);
  pid_t child = fork();
  if (child == 0) {
    memset(nameless + page, 0x5a, page);
    _exit(0);
  }
  waitpid(child, NULL, 0);
  printf("%lx %lx %x\n", (unsigned long)named, (unsigned long)nameless, file);
  fflush(stdout);
  for (;;)
    pause();
}
