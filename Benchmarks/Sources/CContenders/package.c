// This package's switch, by preserve_none and by the plain C entry points.

#include "CFiberAsm.h"
#include "Creations.h"
#include "RoundTrips.h"

#define BODY(name, suspend, VALUES, USE)                                                                               \
  static void *name(struct ft_record *record, void *value, void *argument) {                                           \
    (void)argument;                                                                                                    \
    SERVE(VALUES, USE, value = suspend(record, value))                                                                 \
  }

#define SUSPEND_FUNCTION(name, suspend)                                                                                \
  __attribute__((noinline)) static void *name(struct ft_record *record, void *value) {                                 \
    value = suspend(record, value);                                                                                    \
    USE_NO_VALUES; /* no tail call */                                                                                  \
    return value;                                                                                                      \
  }

SUSPEND_FUNCTION(suspend_wrappers, ft_suspend)
SUSPEND_FUNCTION(suspend_plain_c, ft_fiber_suspend_c)
BODY(serve_wrappers, ft_suspend, NO_VALUES, USE_NO_VALUES)
BODY(serve_wrappers_live, ft_suspend, LIVE_VALUES, USE_LIVE_VALUES)
BODY(serve_wrappers_function, suspend_wrappers, NO_VALUES, USE_NO_VALUES)
BODY(serve_plain_c, ft_fiber_suspend_c, NO_VALUES, USE_NO_VALUES)
BODY(serve_plain_c_live, ft_fiber_suspend_c, LIVE_VALUES, USE_LIVE_VALUES)
BODY(serve_plain_c_function, suspend_plain_c, NO_VALUES, USE_NO_VALUES)
ROUND_TRIPS(wrappers, ft_resume((struct ft_record *)context, NULL))
ROUND_TRIPS(plain_c, ft_fiber_resume_c((struct ft_record *)context, NULL))

static struct ft_record *make_record(uint64_t low, uint64_t high, ft_fiber_entry entry) {
  uint64_t id;
  struct ft_record *record = checked(ft_record_acquire(&id));
  ft_fiber_init(record, low, high, ft_stack_base(low, high, id), entry, NULL);
  ft_record_publish(record, id);
  return record;
}

#define MAKER(name, entry)                                                                                             \
  static void *name(uint64_t low, uint64_t high, uint64_t id) {                                                        \
    (void)id;                                                                                                          \
    return make_record(low, high, entry);                                                                              \
  }

MAKER(make_wrappers, serve_wrappers)
MAKER(make_wrappers_live, serve_wrappers_live)
MAKER(make_wrappers_function, serve_wrappers_function)
MAKER(make_plain_c, serve_plain_c)
MAKER(make_plain_c_live, serve_plain_c_live)
MAKER(make_plain_c_function, serve_plain_c_function)

struct workload round_trip_wrappers(long fibers, enum surroundings around) {
  return wrappers_workload(
      fibers, (const fiber_maker[]){make_wrappers, make_wrappers_live, make_wrappers_function}, around);
}

struct workload round_trip_plain_c(long fibers, enum surroundings around) {
  return plain_c_workload(fibers, (const fiber_maker[]){make_plain_c, make_plain_c_live, make_plain_c_function}, around);
}

// ---- Creation ----

static void *end_at_once(struct ft_record *record, void *value, void *argument) {
  (void)record;
  (void)argument;
  return value;
}

static void create_on(char *low) {
  struct ft_record *record = make_record((uint64_t)low, (uint64_t)low + STACK_SIZE, end_at_once);
  ft_resume(record, NULL);
  ft_record_release(record);
}

CREATIONS(create_record, create_on)
