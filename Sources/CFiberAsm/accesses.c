// Where Swift's runtime keeps the calling thread's list of open accesses. Asked for once a thread, by its first movable fiber.

#define _GNU_SOURCE // dl_iterate_phdr

#include "CFiberAsm.h"

#include <link.h>

const uint64_t ft_unsought_access_list = 1;
const uint64_t ft_unknown_access_list = 1;
__thread const uint64_t *ft_own_access_list = &ft_unsought_access_list;

void ft_thread_set_access_list(const uint64_t *list) {
  ft_own_access_list = list != NULL ? list : &ft_unknown_access_list;
}

struct word_search {
  uint64_t value;
  const uint64_t *found;
  size_t count;
};

// Looks through the calling thread's part of one module.
static int search_module(struct dl_phdr_info *info, size_t size, void *argument) {
  (void)size;
  struct word_search *search = argument;
  if (info->dlpi_tls_data == NULL)
    return 0;
  for (size_t index = 0; index < info->dlpi_phnum; index++) {
    if (info->dlpi_phdr[index].p_type != PT_TLS)
      continue;
    uint64_t low = ((uint64_t)info->dlpi_tls_data + 7) & ~UINT64_C(7);
    uint64_t high = (uint64_t)info->dlpi_tls_data + info->dlpi_phdr[index].p_memsz;
    for (; low + 8 <= high; low += 8) {
      if (*(const uint64_t *)low == search->value) {
        search->found = (const uint64_t *)low;
        search->count++;
      }
    }
  }
  return 0;
}

const uint64_t *ft_thread_local_word(uint64_t value) {
  struct word_search search = {.value = value};
  dl_iterate_phdr(search_module, &search);
  return search.count == 1 ? search.found : NULL;
}
