// Threads born and dying: many short ones, detached ones, ones that end by pthread_exit from deep down, ones that are cancelled in
// a system call and in a computation, with cleanup handlers and destructors of their own variables; and threads that wait for
// each other all the time.
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_key_t key;
static int turn, cleaned, destroyed;
static atomic_int detached;
static sem_t started;

static void cleanup(void *argument) {
  (void)argument;
  __atomic_add_fetch(&cleaned, 1, __ATOMIC_SEQ_CST);
}
static void destroy(void *argument) {
  (void)argument;
  __atomic_add_fetch(&destroyed, 1, __ATOMIC_SEQ_CST);
}

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
static void *unwatched(void *argument) {
  (void)argument;
  atomic_fetch_add(&detached, 1);
  return NULL;
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
static void *alternating(void *argument) {
  int own = (int)(long)argument;
  for (int round = 0; round < 10; round++) {
    pthread_mutex_lock(&lock);
    while (turn % 2 != own)
      pthread_cond_wait(&changed, &lock);
    turn++;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}

int main(void) {
  pthread_key_create(&key, destroy);
  sem_init(&started, 0, 0);
  long total = 0;
  for (int round = 0; round < 4; round++) {
    pthread_t threads[4];
    void *result;
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
    pthread_t alone;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_create(&alone, &attributes, unwatched, NULL);
  }
  pthread_t pair[2];
  for (long index = 0; index < 2; index++)
    pthread_create(&pair[index], NULL, alternating, (void *)index);
  for (int index = 0; index < 2; index++)
    pthread_join(pair[index], NULL);
  while (atomic_load(&detached) < 4)
    usleep(1000);
  printf("total %ld, cleaned %d, destroyed %d, turn %d\n", total, cleaned, destroyed, turn);
  fflush(stdout);
  // The first thread ends by pthread_exit too: the process ends with the last one, with status 0.
  pthread_t last;
  pthread_create(&last, NULL, returning, &key);
  pthread_detach(last);
  pthread_exit(NULL);
}
