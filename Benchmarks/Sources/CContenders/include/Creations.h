/// What the contenders in C share that make a fiber, run it to its end and are done with it.
#ifndef CREATIONS_H
#define CREATIONS_H

#include "CContenders.h"

/// Defines `name`, of CContenders.h, by a function that does it once on a stack. A macro, so that the call is inlined.
#define CREATIONS(name, CREATE_ON)                                                                                     \
  static long name##_reused(void *stack, long count) {                                                                 \
    for (long i = 0; i < count; i++)                                                                                   \
      CREATE_ON((char *)stack);                                                                                        \
    return count;                                                                                                      \
  }                                                                                                                    \
  static long name##_fresh(void *unused, long count) {                                                                 \
    (void)unused;                                                                                                      \
    for (long i = 0; i < count; i++) {                                                                                 \
      char *stack = stack_map();                                                                                       \
      CREATE_ON(stack);                                                                                                \
      stack_unmap(stack);                                                                                              \
    }                                                                                                                  \
    return count;                                                                                                      \
  }                                                                                                                    \
  struct workload name(bool fresh) {                                                                                   \
    return (struct workload){.state = stack_map(), .run = fresh ? name##_fresh : name##_reused};                       \
  }

#endif /* CREATIONS_H */
