// Threads that end early: pthread_exit from deep down a recursion whose frames all have cleanup handlers, and cancellation in a system call
// and in a computation; several at a time, in the same functions.
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

static pthread_key_t key;
static int cleaned, destroyed;
static sem_t started;

static void cleanup(void *argument) {
  (void)argument;
  __atomic_add_fetch(&cleaned, 1, __ATOMIC_SEQ_CST);
}
static void destroy(void *argument) {
  (void)argument;
  __atomic_add_fetch(&destroyed, 1, __ATOMIC_SEQ_CST);
}

// Each frame calls longjmp to get to the next one out.
NOINLINE static long leave(int depth) {
  long result = 0;
  pthread_cleanup_push(cleanup, NULL);
  if (depth == 0)
    pthread_exit((void *)5);
  result = leave(depth - 1) + 1;
  pthread_cleanup_pop(0);
  return result;
}

static void *leaving(void *argument) {
  pthread_setspecific(key, argument);
  return (void *)leave(5);
}
static void *returning(void *argument) {
  pthread_setspecific(key, argument);
  return (void *)3;
}
static void *sleeping(void *argument) {
  pthread_cleanup_push(cleanup, argument);
  sem_post(&started);
  for (;;)
    pause();
  pthread_cleanup_pop(0);
  return NULL;
}
static void *computing(void *argument) {
  pthread_cleanup_push(cleanup, argument);
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
  sem_post(&started);
  for (volatile long count = 0;; count++)
    continue;
  pthread_cleanup_pop(0);
  return NULL;
}

int main(void) {
  pthread_key_create(&key, destroy);
  sem_init(&started, 0, 0);
  long total = 0;
  void *result;
  pthread_t first;
  pthread_create(&first, NULL, leaving, &key);
  pthread_join(first, &result);
  for (int round = 0; round < 4; round++) {
    pthread_t threads[4];
    pthread_create(&threads[0], NULL, leaving, &key);
    pthread_create(&threads[1], NULL, returning, &key);
    pthread_create(&threads[2], NULL, sleeping, NULL);
    pthread_create(&threads[3], NULL, computing, NULL);
    sem_wait(&started);
    sem_wait(&started);
    pthread_cancel(threads[2]);
    pthread_cancel(threads[3]);
    for (int index = 0; index < 4; index++) {
      pthread_join(threads[index], &result);
      total += result == PTHREAD_CANCELED ? 100 : (long)result;
    }
  }
  printf("total %ld, cleaned %d, destroyed %d\n", total, cleaned, destroyed);
  return 0;
}
