#include "CXXContenders.h"
#include "RoundTrips.h"

#include <boost/context/fiber.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>
#include <boost/version.hpp>
#include <utility>

using boost::context::fiber;

namespace {

/// Hands out one piece of memory again and again.
struct one_stack {
  char *low;

  boost::context::stack_context allocate() const {
    boost::context::stack_context stack;
    stack.size = STACK_SIZE;
    stack.sp = low + STACK_SIZE;
    return stack;
  }

  void deallocate(boost::context::stack_context &) const {}
};

/// A top with the colour of its id, as the other contenders have it.
boost::context::preallocated coloured(uint64_t low, uint64_t high, uint64_t id) {
  boost::context::stack_context stack;
  stack.size = high - low;
  stack.sp = (void *)high;
  uint64_t top = high - 64 - id % 64 * 64;
  return {(void *)top, top - low, stack};
}

/// The fiber of a node is an object whose bytes are one pointer.
fiber &at(void *&context) { return *reinterpret_cast<fiber *>(&context); }
static_assert(sizeof(fiber) == sizeof(void *), "a fiber is one pointer");

__attribute__((noinline)) fiber resume_function(fiber &&resumed) {
  resumed = std::move(resumed).resume();
  USE_NO_VALUES; // no tail call
  return std::move(resumed);
}

template <enum surroundings around> void *make(uint64_t low, uint64_t high, uint64_t id) {
  void *context = nullptr;
  new (&context) fiber(std::allocator_arg, coloured(low, high, id), one_stack{nullptr}, [](fiber &&resumer) -> fiber {
    if constexpr (around == FIVE_LIVE_VALUES) {
      SERVE(LIVE_VALUES, USE_LIVE_VALUES, resumer = std::move(resumer).resume())
    } else if constexpr (around == FUNCTION) {
      SERVE(NO_VALUES, USE_NO_VALUES, resumer = resume_function(std::move(resumer)))
    } else {
      SERVE(NO_VALUES, USE_NO_VALUES, resumer = std::move(resumer).resume())
    }
  });
  return context;
}

ROUND_TRIPS(boost_fiber, at(context) = std::move(at(context)).resume())

template <typename Allocator> long create(Allocator allocator, long count) {
  for (long i = 0; i < count; i++) {
    fiber made(std::allocator_arg, allocator, [](fiber &&resumer) { return std::move(resumer); });
    made = std::move(made).resume();
  }
  return count;
}

long create_reused(void *stack, long count) { return create(one_stack{static_cast<char *>(stack)}, count); }

long create_fresh(void *, long count) { return create(boost::context::protected_fixedsize_stack(STACK_SIZE), count); }

} // namespace

struct workload round_trip_boost_fiber(long fibers, enum surroundings around) {
  const fiber_maker makers[] = {make<NO_LIVE_VALUES>, make<FIVE_LIVE_VALUES>, make<FUNCTION>};
  return boost_fiber_workload(fibers, makers, around);
}

struct workload create_boost_fiber(bool fresh) { return {stack_map(), fresh ? create_fresh : create_reused}; }

const char *boost_version(void) { return BOOST_LIB_VERSION; }
