// What the fuzzer needs of libFuzzer and AddressSanitizer.
#ifndef CFUZZER_H
#define CFUZZER_H

#include <stddef.h>

// From here on counts the bytes that are allocated and not freed.
void fuzzer_memory_begin(void);

// The most there were at once since then. Counting ends.
size_t fuzzer_memory_end(void);

// Ends the program as a crash, so that libFuzzer keeps the case.
_Noreturn void fuzzer_fail(const char *_Nonnull reason);

#endif
