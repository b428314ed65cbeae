// Eight threads in different calls, with inlined functions and a signal handler. Prints "ready" when all stand.

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

static pthread_barrier_t barrier;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

static inline __attribute__((always_inline)) int innermost_inlined(int value) {
  poll(NULL, 0, -1);
  return value * 2;
}

static inline __attribute__((always_inline)) int outer_inlined(int value) { return innermost_inlined(value) + 1; }

__attribute__((noinline)) int count_down(int value) {
  int result = value == 0 ? outer_inlined(value) : count_down(value - 1);
  __asm__ volatile("" : "+r"(result));
  return result + 1;
}

__attribute__((noinline)) int wait_for_ever(int value) {
  pthread_mutex_lock(&mutex);
  while (value >= 0)
    pthread_cond_wait(&never, &mutex);
  return value;
}

static void handler(int signal) {
  count_down(2);
  __asm__ volatile("" ::"r"(signal));
}

__attribute__((noinline)) int interrupt_self(int value) {
  raise(SIGUSR1);
  __asm__ volatile("" : "+r"(value));
  return value;
}

static void *thread_main(void *argument) {
  int number = (int)(intptr_t)argument;
  pthread_barrier_wait(&barrier);
  int result = number % 3 == 0   ? count_down(number)
               : number % 3 == 1 ? wait_for_ever(number)
                                 : interrupt_self(number);
  return (void *)(intptr_t)result;
}

int main(void) {
  // A test runner's threads block signals, and processes inherit that.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGUSR1, handler);
  pthread_barrier_init(&barrier, NULL, 8);
  for (intptr_t number = 1; number < 8; number++) {
    pthread_t thread;
    pthread_create(&thread, NULL, thread_main, (void *)number);
  }
  pthread_barrier_wait(&barrier);
  // All calls above end in a wait of no end; give them the time to get there.
  poll(NULL, 0, 300);
  puts("ready");
  fflush(stdout);
  return count_down(3);
}
