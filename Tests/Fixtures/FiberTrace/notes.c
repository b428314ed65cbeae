// Finds registries by the notes in the program's PT_NOTE segments.

#define _GNU_SOURCE
#include "CFiberTraceFixtures.h"

#include <link.h>
#include <string.h>

struct search {
  uint64_t *registries;
  size_t capacity, count;
};

static int visit(struct dl_phdr_info *module, size_t size, void *argument) {
  (void)size;
  struct search *search = argument;
  for (int index = 0; index < module->dlpi_phnum; index++) {
    const ElfW(Phdr) *segment = &module->dlpi_phdr[index];
    if (segment->p_type != PT_NOTE)
      continue;
    const char *note = (const char *)(module->dlpi_addr + segment->p_vaddr), *end = note + segment->p_memsz;
    while (note + sizeof(ElfW(Nhdr)) <= end) {
      const ElfW(Nhdr) *header = (const ElfW(Nhdr) *)note;
      const char *name = note + sizeof *header;
      const char *descriptor = name + ((header->n_namesz + 3) & ~3u);
      if (header->n_type == FT_NOTE_TYPE && header->n_namesz == sizeof FT_NOTE_NAME &&
          memcmp(name, FT_NOTE_NAME, sizeof FT_NOTE_NAME) == 0 && search->count < search->capacity) {
        uint64_t distance;
        memcpy(&distance, descriptor, sizeof distance);
        search->registries[search->count++] = (uint64_t)descriptor + distance;
      }
      note = descriptor + ((header->n_descsz + 3) & ~3u);
    }
  }
  return 1; // The first module is the program itself.
}

size_t fixture_noted_registries(uint64_t *registries, size_t capacity) {
  struct search search = {registries, capacity, 0};
  dl_iterate_phdr(visit, &search);
  return search.count;
}
