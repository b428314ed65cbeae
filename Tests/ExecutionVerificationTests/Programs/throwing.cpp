// Exceptions through 50 frames: caught at the far end, passed on by handlers on the way, with destructors to run in every frame,
// kept and thrown again, and thrown by destructors' callees while another one flies.
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

#define NOINLINE __attribute__((noinline))

static int destroyed;

struct Guard {
  int value;
  explicit Guard(int value) : value(value) {}
  NOINLINE ~Guard() { destroyed += value != 0; }
};

// Every frame has an object to destroy; arguments beyond the sixth lie on the stack.
NOINLINE static int deep(int depth, int a, int b, int c, int d, int e, int f, int g) {
  Guard guard(depth + 1);
  if (depth == 0)
    throw std::runtime_error("thrown at the bottom");
  return deep(depth - 1, b, c, d, e, f, g, a) + guard.value;
}

// Every tenth frame catches and throws again.
NOINLINE static int passing(int depth) {
  if (depth % 10 != 0) {
    Guard guard(depth);
    return passing(depth - 1) + guard.value;
  }
  try {
    Guard guard(1);
    if (depth == 0)
      throw depth;
    return passing(depth - 1) + guard.value;
  } catch (int &value) {
    value++;
    throw;
  }
}

struct Quiet {
  // An exception that begins and ends while another one unwinds the stack.
  NOINLINE ~Quiet() {
    try {
      deep(3, 1, 2, 3, 4, 5, 6, 7);
    } catch (const std::exception &) {
      destroyed += 100;
    }
  }
};

NOINLINE static int two_at_once(int depth) {
  Quiet quiet;
  if (depth == 0)
    throw std::string("outer");
  return two_at_once(depth - 1) + 1;
}

// A frame of variable size, which the unwinder leaves by the frame pointer.
NOINLINE static int sized(int size) {
  volatile char *room = static_cast<volatile char *>(__builtin_alloca(static_cast<size_t>(size)));
  room[0] = 1;
  if (size > 400)
    throw size;
  return sized(size * 2) + room[0];
}

int main() {
  int caught = 0;
  std::exception_ptr kept;
  for (int round = 0; round < 2; round++) {
    try {
      deep(50, 1, 2, 3, 4, 5, 6, 7);
    } catch (const std::runtime_error &error) {
      caught++;
      kept = std::current_exception();
    }
    try {
      passing(50);
    } catch (int value) {
      caught += value;
    }
    try {
      two_at_once(2);
    } catch (const std::string &) {
      caught++;
    }
    try {
      sized(16);
    } catch (int size) {
      caught += size == 512;
    }
    try {
      std::rethrow_exception(kept);
    } catch (const std::exception &) {
      caught++;
    }
  }
  std::printf("caught %d, destroyed %d\n", caught, destroyed);
  return 0;
}
