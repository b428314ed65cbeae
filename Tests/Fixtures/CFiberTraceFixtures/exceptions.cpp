// A C++ exception, and who provides what it is thrown with.

#include "CFiberTraceFixtures.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <stdexcept>
#include <unwind.h>

namespace {

struct Flag {
  bool &flag;
  ~Flag() { flag = true; }
};

[[gnu::noinline]] void thrower(bool &destroyed) {
  Flag flag{destroyed};
  throw std::runtime_error("thrown");
}

const char *provider(void *function) {
  Dl_info module;
  return dladdr(function, &module) != 0 ? module.dli_fname : nullptr;
}

} // namespace

int fixture_throw_and_catch(void) {
  bool destroyed = false;
  try {
    thrower(destroyed);
  } catch (const std::exception &) {
    return destroyed;
  }
  return 0;
}

int fixture_rethrow_after(int number, void (*body)(void *), void *context) {
  try {
    try {
      throw number;
    } catch (int) {
      body(context);
      throw;
    }
  } catch (int rethrown) {
    return rethrown;
  }
}

void fixture_throw(void) { throw std::runtime_error("nobody's"); }

const char *fixture_provider_of_unwind(void) { return provider(reinterpret_cast<void *>(&_Unwind_RaiseException)); }

const char *fixture_provider_of_backtrace(void) { return provider(reinterpret_cast<void *>(&backtrace)); }
