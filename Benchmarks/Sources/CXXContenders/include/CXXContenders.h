/// boost::context::fiber as a contender; see CContenders.h.
#ifndef CXXCONTENDERS_H
#define CXXCONTENDERS_H

#include "CContenders.h"

#ifdef __cplusplus
extern "C" {
#endif

struct workload round_trip_boost_fiber(long fibers, enum surroundings around);
struct workload create_boost_fiber(bool fresh);

/// "1_74"
const char *_Nonnull boost_version(void);

#ifdef __cplusplus
}
#endif

#endif
