// A library that comes and goes: constructors, destructors, an exception inside, and calls back into the program.
#include <cstdio>
#include <stdexcept>

extern "C" int program_value(int);

static int constructed;

struct Global {
  Global() { constructed = program_value(1); }
  ~Global() { program_value(-constructed); }
};
static Global global;

static int __attribute__((noinline)) thrower(int depth) {
  if (depth == 0)
    throw std::runtime_error("inside");
  return thrower(depth - 1) + 1;
}

extern "C" int loaded_value(int value) {
  try {
    return thrower(value);
  } catch (const std::exception &) {
    return program_value(value) + constructed;
  }
}
