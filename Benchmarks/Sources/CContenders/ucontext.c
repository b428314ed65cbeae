#include "CFiberAsm.h"
#include "Creations.h"
#include "RoundTrips.h"

#include <ucontext.h>

struct pair {
  ucontext_t resumer, fiber;
};

static struct pair *made; // makecontext passes ints alone

#define BODY(name, swap, VALUES, USE)                                                                                  \
  static void name(void) {                                                                                             \
    struct pair *pair = made;                                                                                          \
    SERVE(VALUES, USE, swap(&pair->fiber, &pair->resumer))                                                             \
  }

__attribute__((noinline)) static void swap_function(ucontext_t *from, ucontext_t *to) {
  swapcontext(from, to);
  USE_NO_VALUES; // no tail call
}

BODY(serve_ucontext, swapcontext, NO_VALUES, USE_NO_VALUES)
BODY(serve_ucontext_live, swapcontext, LIVE_VALUES, USE_LIVE_VALUES)
BODY(serve_ucontext_function, swap_function, NO_VALUES, USE_NO_VALUES)
ROUND_TRIPS(ucontext, swapcontext(&((struct pair *)context)->resumer, &((struct pair *)context)->fiber))

static void *make_pair(uint64_t low, uint64_t high, uint64_t id, void (*entry)(void)) {
  struct pair *pair = checked(calloc(1, sizeof *pair));
  if (getcontext(&pair->fiber) != 0)
    abort();
  pair->fiber.uc_stack.ss_sp = (void *)low;
  pair->fiber.uc_stack.ss_size = ft_stack_base(low, high, id) - low;
  makecontext(&pair->fiber, entry, 0);
  made = pair;
  swapcontext(&pair->resumer, &pair->fiber); // it reads `made`
  return pair;
}

#define MAKER(name, entry)                                                                                             \
  static void *name(uint64_t low, uint64_t high, uint64_t id) { return make_pair(low, high, id, entry); }

MAKER(make_ucontext, serve_ucontext)
MAKER(make_ucontext_live, serve_ucontext_live)
MAKER(make_ucontext_function, serve_ucontext_function)

struct workload round_trip_ucontext(long fibers, enum surroundings around) {
  return ucontext_workload(
      fibers, (const fiber_maker[]){make_ucontext, make_ucontext_live, make_ucontext_function}, around);
}

// ---- Creation ----

static void end_at_once(void) {}

static void create_on(char *low) {
  struct pair pair;
  if (getcontext(&pair.fiber) != 0)
    abort();
  pair.fiber.uc_stack.ss_sp = low;
  pair.fiber.uc_stack.ss_size = STACK_SIZE;
  pair.fiber.uc_link = &pair.resumer;
  makecontext(&pair.fiber, end_at_once, 0);
  swapcontext(&pair.resumer, &pair.fiber);
}

CREATIONS(create_ucontext, create_on)
