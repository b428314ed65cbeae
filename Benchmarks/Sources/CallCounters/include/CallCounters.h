/// Counts allocations and locks of a program that is started with this library in LD_PRELOAD.
#ifndef CALL_COUNTERS_H
#define CALL_COUNTERS_H

/// Calls since the program's start, of all threads: allocations and releases of memory, and locks taken.
void call_counters_read(long *allocations, long *locks);

#endif
