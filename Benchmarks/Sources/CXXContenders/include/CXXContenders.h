/// boost::context::fiber as a contender; see CContenders.h.
#ifndef CXXCONTENDERS_H
#define CXXCONTENDERS_H

#include "CContenders.h"

#ifdef __cplusplus
extern "C" {
#endif

struct workload round_trip_boost_fiber(long fibers, bool live);
struct workload create_boost_fiber(bool fresh);

#ifdef __cplusplus
}
#endif

#endif
