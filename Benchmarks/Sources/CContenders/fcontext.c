#include "CFiberAsm.h"
#include "Creations.h"
#include "RoundTrips.h"

// Boost.Context's fcontext. Its functions have C linkage and no header of their own.

/// What a jump hands to the other side: where it came from, and a value.
struct transfer {
  void *context;
  void *data;
};

void *make_fcontext(void *top, size_t size, void (*entry)(struct transfer));
struct transfer jump_fcontext(void *context, void *data);

#define BODY(name, jump, VALUES, USE)                                                                                  \
  static void name(struct transfer transfer) {                                                                         \
    SERVE(VALUES, USE, transfer = jump(transfer.context, transfer.data))                                               \
  }

__attribute__((noinline)) static struct transfer jump_function(void *context, void *data) {
  struct transfer transfer = jump_fcontext(context, data);
  USE_NO_VALUES; // no tail call
  return transfer;
}

BODY(serve_fcontext, jump_fcontext, NO_VALUES, USE_NO_VALUES)
BODY(serve_fcontext_live, jump_fcontext, LIVE_VALUES, USE_LIVE_VALUES)
BODY(serve_fcontext_function, jump_function, NO_VALUES, USE_NO_VALUES)
ROUND_TRIPS(fcontext, context = jump_fcontext(context, NULL).context)

/// With tops coloured as this package does it, so that the switches are compared and not the caches.
#define MAKER(name, top, entry)                                                                                        \
  static void *name(uint64_t low, uint64_t high, uint64_t id) {                                                        \
    (void)id;                                                                                                          \
    return make_fcontext((void *)(top), (top) - low, entry);                                                           \
  }

MAKER(make_coloured, ft_stack_base(low, high, id), serve_fcontext)
MAKER(make_coloured_live, ft_stack_base(low, high, id), serve_fcontext_live)
MAKER(make_coloured_function, ft_stack_base(low, high, id), serve_fcontext_function)
MAKER(make_aligned, high, serve_fcontext)
MAKER(make_aligned_live, high, serve_fcontext_live)
MAKER(make_aligned_function, high, serve_fcontext_function)

struct workload round_trip_fcontext(long fibers, enum surroundings around) {
  return fcontext_workload(
      fibers, (const fiber_maker[]){make_coloured, make_coloured_live, make_coloured_function}, around);
}

struct workload round_trip_fcontext_aligned(long fibers, enum surroundings around) {
  return fcontext_workload(fibers, (const fiber_maker[]){make_aligned, make_aligned_live, make_aligned_function}, around);
}

// ---- Creation ----

static void end_at_once(struct transfer transfer) { jump_fcontext(transfer.context, NULL); }

static void create_on(char *low) { jump_fcontext(make_fcontext(low + STACK_SIZE, STACK_SIZE, end_at_once), NULL); }

CREATIONS(create_fcontext, create_on)
