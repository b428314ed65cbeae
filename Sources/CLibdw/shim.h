#include <dwarf.h>
#include <elf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

/* From <sys/mman.h>, which declares it under _GNU_SOURCE only, and Swift's Glibc module is built without. */
#define FT_MFD_CLOEXEC 1U
int memfd_create(const char *_Nonnull name, unsigned int flags);
