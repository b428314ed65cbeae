// The switches that are compared, each with the same loops around it.
#ifndef CONTENDERS_H
#define CONTENDERS_H

#include "CFiberAsm.h"

#include <stdbool.h>
#include <stddef.h>
#include <ucontext.h>

/// A fiber in a ring, which a loop goes round where there are many: one load leads to the next, for every contender.
struct node {
  struct node *next;
  /// The fiber's record, Boost's context, or a pointer to a pair of ucontexts.
  void *context;
};

struct contender {
  const char *name;
  /// Makes a fiber on the stack [low, high), which serves runs with five live values on both sides (`live`) or with
  /// none. The id gives the colour of its top.
  void *(*make)(uint64_t low, uint64_t high, uint64_t id, bool live);
  /// `count` round trips along the ring from `node`, by `live`. Answers the next node.
  struct node *(*run[2])(struct node *node, long count);
  /// `count` round trips to the fiber of `node` alone, by `live`.
  struct node *(*run_one[2])(struct node *node, long count);
  /// Round trips a slice: about as long for each contender.
  long slice;
};

enum contender_index { PACKAGE, PACKAGE_C, FCONTEXT, FCONTEXT_ALIGNED, UCONTEXT, CONTENDER_COUNT };

extern const struct contender contenders[CONTENDER_COUNT];

#endif
