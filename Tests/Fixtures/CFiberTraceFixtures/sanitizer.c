// Which sanitizer the program is built with (Swift's compiler is not told, C's is), and its options.

#include "CFiberTraceFixtures.h"

#include <stddef.h>

// Tests touch guards and look at the signal, which a sanitizer would take for itself.
#if __has_feature(address_sanitizer)

const char *__asan_default_options(void) { return "handle_segv=0"; }

// XCTest, which swift test runs beside Swift Testing, leaks its suite; Foundation a buffer of each file that it reads, and a
// weak reference of each process. A thread that ends by pthread_exit releases nothing that Swift code above it holds.
const char *__lsan_default_suppressions(void) {
  return "leak:libXCTest.so\nleak:readBytesFromFile\nleak:10Foundation7ProcessC3run\nleak:BoundaryAbandon\n";
}

const char *fixture_sanitizer(void) { return "AddressSanitizer"; }

#elif __has_feature(thread_sanitizer)

const char *__tsan_default_options(void) { return "handle_segv=0"; }

const char *fixture_sanitizer(void) { return "ThreadSanitizer"; }

#else

const char *fixture_sanitizer(void) { return NULL; }

#endif
