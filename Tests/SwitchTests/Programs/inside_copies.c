// Loads two libraries that hold a copy of the switch each, beside the program's own, and finds all three registries by their
// notes.
//
//   inside_copies LIBRARY LIBRARY      which export copy_1 and copy_2

#define _GNU_SOURCE

#include "inside_stack.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

static uint64_t heads[8];
static int head_count;

static int note_module(struct dl_phdr_info *module, size_t size, void *unused) {
  (void)size, (void)unused;
  for (int i = 0; i < module->dlpi_phnum; i++) {
    if (module->dlpi_phdr[i].p_type != PT_NOTE)
      continue;
    uint64_t note = module->dlpi_addr + module->dlpi_phdr[i].p_vaddr, end = note + module->dlpi_phdr[i].p_memsz;
    while (note + sizeof(ElfW(Nhdr)) <= end) {
      const ElfW(Nhdr) *header = (const ElfW(Nhdr) *)note;
      uint64_t name = note + sizeof *header, contents = name + ((header->n_namesz + 3) & ~3u);
      if (header->n_type == FT_NOTE_TYPE && header->n_namesz == sizeof FT_NOTE_NAME &&
          memcmp((const char *)name, FT_NOTE_NAME, sizeof FT_NOTE_NAME) == 0 && head_count < 8) {
        int64_t distance;
        memcpy(&distance, (const void *)contents, sizeof distance);
        heads[head_count++] = contents + (uint64_t)distance;
      }
      note = contents + ((header->n_descsz + 3) & ~3u);
    }
  }
  return 0;
}

static int fibers_of(const struct ft_registry *head) {
  int count = 0;
  for (const struct ft_chunk *chunk = (const struct ft_chunk *)head->chunks; chunk != NULL;
       chunk = (const struct ft_chunk *)chunk->next)
    for (size_t i = 0; i < chunk->capacity; i++)
      count += chunk->records[i].identity != 0;
  return count;
}

static void *body(struct ft_record *record, void *value, void *argument) {
  (void)record, (void)argument;
  return value;
}

int main(int count, char **arguments) {
  make_fiber(body, NULL, false);
  for (int i = 1; i < count; i++) {
    char name[16];
    snprintf(name, sizeof name, "copy_%d", i);
    void *library = dlopen(arguments[i], RTLD_NOW | RTLD_GLOBAL);
    struct ft_registry *(*function)(uint64_t *) =
        library != NULL ? (struct ft_registry * (*)(uint64_t *)) dlsym(library, name) : NULL;
    if (function == NULL) {
      fprintf(stderr, "%s\n", dlerror());
      return 2;
    }
    uint64_t sum;
    struct ft_registry *head = function(&sum);
    sum = 0;
    if (function(&sum) != head || head == &ft_fiber_registry)
      printf("WRONG: the registry of %s\n", name);
    printf("%s counts %lu\n", name, sum);
  }
  dl_iterate_phdr(note_module, NULL);
  for (int i = 0; i < head_count; i++) {
    const struct ft_registry *head = (const struct ft_registry *)heads[i];
    printf("registry %s: fibers %d, %s\n", head->magic == FT_REGISTRY_MAGIC ? head->runtime : "without magic",
           fibers_of(head), head == &ft_fiber_registry ? "the program's" : "a library's");
  }
  return 0;
}
