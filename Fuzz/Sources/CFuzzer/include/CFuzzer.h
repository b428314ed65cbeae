// What the fuzzer needs of libFuzzer and AddressSanitizer.
#ifndef CFUZZER_H
#define CFUZZER_H

#include <stddef.h>

// From here on counts the bytes that are allocated and not freed.
void fuzzer_memory_begin(void);

// The most there were at once since then, in a case of `size` bytes. Counting ends.
size_t fuzzer_memory_end(size_t size);

// What a part of the case may take beyond what follows from the case's size; of several parts the greatest counts.
void fuzzer_memory_allow(size_t size);
size_t fuzzer_memory_allowance(void);

// Ends the program as a crash, so that libFuzzer keeps the case.
_Noreturn void fuzzer_fail(const char *_Nonnull reason);

#endif
