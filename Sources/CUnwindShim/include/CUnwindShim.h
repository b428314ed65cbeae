/// libunwind for Swift: what its macros hide.
#ifndef CUNWINDSHIM_H
#define CUNWINDSHIM_H

#endif
