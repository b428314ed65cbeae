// Fibers by swapcontext: on stacks from malloc, in static memory, inside main's own frame, and on a stack of mmap; ones that
// finish through uc_link to another than who resumed them, or into a context that setcontext enters anew; exceptions of the
// rule: a context resumed from a handler's frame and from another thread.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#define NOINLINE __attribute__((noinline))
#define SIZE 32768

static ucontext_t home, fibers[4], afterwards;
static ucontext_t *back[4];
static long total;

NOINLINE static void yield(int index) { swapcontext(&fibers[index], back[index]); }

NOINLINE static long deeper(int index, int depth) {
  volatile char room[24];
  room[depth] = 1;
  if (depth == 0)
    yield(index);
  else
    total += deeper(index, depth - 1);
  return room[depth];
}

static void body(int index, int rounds) {
  for (int round = 0; round < rounds; round++) {
    deeper(index, round % 4);
    // A fiber resumes another one now and then.
    if (index > 0 && round % 3 == 2) {
      back[index - 1] = &fibers[index];
      swapcontext(&fibers[index], &fibers[index - 1]);
      back[index - 1] = &home;
    }
  }
  total += 1000;
}

NOINLINE static void resume(int index) {
  back[index] = &home;
  swapcontext(&home, &fibers[index]);
}

static void *elsewhere(void *argument) {
  ucontext_t own;
  back[0] = &own;
  swapcontext(&own, &fibers[0]);
  back[0] = &home;
  *(long *)argument += 5;
  return NULL;
}

int main(void) {
  static char fixed[SIZE] __attribute__((aligned(16)));
  char framed[SIZE] __attribute__((aligned(16)));
  char *stacks[4] = {malloc(SIZE), fixed, framed,
                     mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)};
  volatile int finished = 0;
  getcontext(&afterwards);
  if (finished == 0) {
    for (int index = 0; index < 4; index++) {
      getcontext(&fibers[index]);
      fibers[index].uc_stack.ss_sp = stacks[index];
      fibers[index].uc_stack.ss_size = SIZE;
      fibers[index].uc_link = index == 3 ? &afterwards : &home;
      makecontext(&fibers[index], (void (*)(void))body, 2, index, index == 3 ? 9 : 40);
    }
    for (int round = 0; round < 8; round++)
      for (int index = 0; index < 4; index++)
        resume(index);
    pthread_t thread;
    pthread_create(&thread, NULL, elsewhere, &total);
    pthread_join(thread, NULL);
    finished = 1;
    for (int round = 0; round < 8; round++)
      resume(3); // finishes, and `afterwards` goes on in its place
    return 3;
  }
  // Another way in: a context that is only set.
  volatile int again = 0;
  ucontext_t here;
  getcontext(&here);
  if (again++ < 3)
    setcontext(&here);
  printf("total %ld, again %d, finished %d\n", total, again, finished);
  free(stacks[0]);
  return 0;
}
