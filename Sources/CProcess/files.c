#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <unistd.h>

int ft_next_data(int file, off_t *start, off_t *end) {
  off_t data = lseek(file, *start, SEEK_DATA);
  if (data < 0)
    return errno;
  off_t hole = lseek(file, data, SEEK_HOLE);
  if (hole < 0)
    return errno;
  *start = data;
  *end = hole;
  return 0;
}

ssize_t ft_copy_range(int source, off_t from, int target, off_t to, size_t size) {
  ssize_t copied;
  do {
    copied = copy_file_range(source, &from, target, &to, size, 0);
  } while (copied < 0 && errno == EINTR);
  return copied >= 0 ? copied : -errno;
}
