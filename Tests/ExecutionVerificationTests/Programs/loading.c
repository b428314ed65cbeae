// Libraries loaded and unloaded in a loop, at the same addresses and at others.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static int total;

__attribute__((visibility("default"), noinline)) int program_value(int value) {
  total += value;
  return value + 1;
}

int main(int count, char **arguments) {
  if (count < 3)
    return 2;
  long sum = 0;
  for (int round = 0; round < 6; round++) {
    void *library = dlopen(arguments[1 + round % 2], round % 3 == 0 ? RTLD_LAZY : RTLD_NOW);
    if (library == NULL) {
      fprintf(stderr, "loading: %s\n", dlerror());
      return 1;
    }
    int (*value)(int) = (int (*)(int))dlsym(library, "loaded_value");
    sum += value(round);
    sum += value(round + 3);
    dlclose(library);
    // The next one does not come to the same place.
    if (round == 2 && mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
      return 1;
  }
  printf("sum %ld, total %d\n", sum, total);
  return 0;
}
