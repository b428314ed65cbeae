// Boost.Context's fibers: exceptions inside one, a fiber that is destroyed while suspended (its stack is unwound by an exception
// of Boost's), fibers that end, and a generator.
#include <boost/context/fiber.hpp>
#include <cstdio>
#include <stdexcept>

namespace context = boost::context;

static int destroyed;

struct Guard {
  __attribute__((noinline)) ~Guard() { destroyed++; }
};

__attribute__((noinline)) static int thrower(int depth) {
  Guard guard;
  if (depth == 0)
    throw std::runtime_error("inside a fiber");
  return thrower(depth - 1) + 1;
}

__attribute__((noinline)) static context::fiber waiting(context::fiber &&back, int depth) {
  Guard guard;
  if (depth == 0)
    return std::move(back).resume();
  return waiting(std::move(back), depth - 1);
}

int main() {
  int value = 0, caught = 0;
  context::fiber numbers([&](context::fiber &&back) {
    for (int index = 0; index < 10; index++) {
      value = index * index;
      back = std::move(back).resume();
      try {
        thrower(index);
      } catch (const std::exception &) {
        caught++;
      }
    }
    return std::move(back);
  });
  long sum = 0;
  for (int index = 0; index < 10; index++) {
    numbers = std::move(numbers).resume();
    sum += value;
  }
  numbers = std::move(numbers).resume();
  for (int depth = 0; depth < 5; depth++) {
    context::fiber abandoned([depth](context::fiber &&back) { return waiting(std::move(back), depth); });
    abandoned = std::move(abandoned).resume();
    // Destroyed here, while it is suspended.
  }
  std::printf("sum %ld, caught %d, destroyed %d, ended %d\n", sum, caught, destroyed, !numbers);
  return 0;
}
