// Names of pcs from the program's own .symtab: the functions of the switch are hidden, so dladdr does not know them.
#ifndef INSIDE_SYMBOLS_H
#define INSIDE_SYMBOLS_H

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct function {
  uint64_t low, high;
  const char *name;
};

static struct function *functions;
static size_t function_count;
static uint64_t load_bias;

static int function_order(const void *left, const void *right) {
  uint64_t a = ((const struct function *)left)->low, b = ((const struct function *)right)->low;
  return (a > b) - (a < b);
}

static uint64_t symbol_value(const Elf64_Sym *symbols, size_t count, const char *strings, const char *name) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(strings + symbols[i].st_name, name) == 0)
      return symbols[i].st_value;
  fprintf(stderr, "symbol %s is missing from .symtab\n", name);
  exit(2);
}

/// Reads the functions of /proc/self/exe. The file stays mapped, since the names lie in it.
static void load_symbols(void) {
  int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) {
    perror("/proc/self/exe");
    exit(2);
  }
  const char *image = (const char *)mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
  if ((const void *)image == MAP_FAILED) {
    perror("mmap of /proc/self/exe");
    exit(2);
  }
  close(file);
  const Elf64_Ehdr *header = (const Elf64_Ehdr *)image;
  const Elf64_Phdr *segments = (const Elf64_Phdr *)(image + header->e_phoff);
  for (size_t i = 0; i < header->e_phnum; i++)
    if (segments[i].p_type == PT_PHDR)
      load_bias = getauxval(AT_PHDR) - segments[i].p_vaddr;
  const Elf64_Shdr *sections = (const Elf64_Shdr *)(image + header->e_shoff);
  for (size_t i = 0; i < header->e_shnum; i++) {
    if (sections[i].sh_type != SHT_SYMTAB)
      continue;
    const Elf64_Sym *symbols = (const Elf64_Sym *)(image + sections[i].sh_offset);
    size_t count = sections[i].sh_size / sizeof(Elf64_Sym);
    const char *strings = image + sections[sections[i].sh_link].sh_offset;
    functions = (struct function *)calloc(count, sizeof(struct function));
    for (size_t s = 0; s < count; s++) {
      if (ELF64_ST_TYPE(symbols[s].st_info) != STT_FUNC || symbols[s].st_size == 0)
        continue;
      uint64_t low = symbols[s].st_value;
      const char *name = strings + symbols[s].st_name;
      // The base function's FDE begins with a pad: "pc - 1" of a fiber that has not started lies there.
      if (strcmp(name, "ft_fiber_start") == 0)
        low = symbol_value(symbols, count, strings, "ft_fiber_start_low");
      struct function function = {load_bias + low, load_bias + symbols[s].st_value + symbols[s].st_size, name};
      functions[function_count++] = function;
    }
  }
  qsort(functions, function_count, sizeof(struct function), function_order);
}

/// The function that holds `pc`, or NULL.
static inline const struct function *function_at(uint64_t pc) {
  size_t low = 0, high = function_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (functions[middle].low <= pc)
      low = middle + 1;
    else
      high = middle;
  }
  return low != 0 && pc < functions[low - 1].high ? &functions[low - 1] : NULL;
}

static inline const char *name_at(uint64_t pc) {
  const struct function *function = function_at(pc);
  return function != NULL ? function->name : "?";
}

#endif
