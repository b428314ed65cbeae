/* A process with many modules: modules DIRECTORY COUNT. Maps that many copies of true(1) as code, each at a place of its
   own, and prints "ready". */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int count, char **arguments) {
  if (count != 3)
    return 2;
  int image = open("/usr/bin/true", O_RDONLY);
  struct stat status;
  if (image < 0 || fstat(image, &status) != 0)
    return 3;
  size_t size = (size_t)status.st_size;
  for (int index = 0; index < atoi(arguments[2]); index++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/module%d", arguments[1], index);
    int copy = open(path, O_RDWR | O_CREAT | O_EXCL, 0700);
    off_t offset = 0;
    if (copy < 0 || sendfile(copy, image, &offset, size) != (ssize_t)size)
      return 4;
    /* Room for a whole image, so that no two overlap. */
    char *room = mmap(NULL, 16 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED ||
        mmap(room, size, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, copy, 0) == MAP_FAILED)
      return 5;
    close(copy);
  }
  puts("ready");
  fflush(stdout);
  pause();
  return 0;
}
