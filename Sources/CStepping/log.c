// The log, and what the stacks held at the last record: pages by address.
#define _GNU_SOURCE
#include "recorder.h"
#include "system.h"

#include <sys/mman.h>

enum {
  PAGE = 4096,
  PAGE_WORDS = PAGE / 8,
  // Below rsp: the red zone.
  RED_ZONE = 128,
  // Above rsp. What lies farther out was recorded when it lay nearer; it changes rarely, and is read again on the way out.
  WINDOW = 8192,
  // Behind a register that points into a stack that is known.
  REACH = 64,
  // Of one step: a window, and a page or two for each register.
  MOST_PAGES = 40,
};

struct ft_page_table {
  uint64_t most_pages;
  uint64_t count;
  uint64_t slot_mask;
  uint64_t mapped;
  uint64_t *words;
  struct slot {
    uint64_t page;
    uint64_t number;
  } slots[];
};

// Read into by the handler: too much for its stack. 16 bytes behind it are never reached.
static uint64_t scratch[MOST_PAGES * PAGE_WORDS];

struct ft_page_table *ft_page_table_create(uint64_t most_pages) {
  uint64_t slots = 1024;
  while (slots < 2 * most_pages)
    slots *= 2;
  uint64_t head = (sizeof(struct ft_page_table) + slots * sizeof(struct slot) + PAGE - 1) & ~(uint64_t)(PAGE - 1);
  uint64_t size = head + most_pages * PAGE;
  struct ft_page_table *table = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (table == MAP_FAILED)
    return NULL;
  table->most_pages = most_pages;
  table->slot_mask = slots - 1;
  table->mapped = size;
  table->words = (uint64_t *)((char *)table + head);
  return table;
}

void ft_page_table_destroy(struct ft_page_table *table) { munmap(table, table->mapped); }

// The slot of a page, or the free one where it belongs. Page 0 stands for none: nothing can be mapped there.
static struct slot *find(struct ft_page_table *table, uint64_t page) {
  uint64_t index = (page / PAGE * 0x9e3779b97f4a7c15) >> 32 & table->slot_mask;
  while (table->slots[index].page != 0 && table->slots[index].page != page)
    index = (index + 1) & table->slot_mask;
  return &table->slots[index];
}

// Sorted, each once: what is read at a step.
struct page_list {
  int count;
  uint64_t pages[MOST_PAGES];
};

static void add(struct page_list *list, uint64_t page) {
  int place = list->count;
  while (place > 0 && list->pages[place - 1] > page)
    place--;
  if ((place > 0 && list->pages[place - 1] == page) || list->count == MOST_PAGES)
    return;
  for (int index = list->count; index > place; index--)
    list->pages[index] = list->pages[index - 1];
  list->pages[place] = page;
  list->count++;
}

static void add_range(struct page_list *list, uint64_t low, uint64_t high) {
  if (low >= high || high > (uint64_t)1 << 47)
    return;
  for (uint64_t page = low & ~(uint64_t)(PAGE - 1); page < high; page += PAGE)
    if (page != 0)
      add(list, page);
}

// Index of the first of 512 words that differs, from `start` on. By one instruction: a debug build compiles loops as they stand.
static int difference(const uint64_t *first, const uint64_t *second, int start) {
  const uint64_t *a = first + start, *b = second + start;
  uint64_t left = (uint64_t)(PAGE_WORDS - start);
  bool is_equal;
  __asm__ volatile("cmpq %%rax, %%rax\n\trepe cmpsq" : "+S"(a), "+D"(b), "+c"(left), "=@cce"(is_equal) : : "memory");
  return is_equal ? PAGE_WORDS : (int)(a - first) - 1;
}

static void copy_words(uint64_t *to, const uint64_t *from, uint64_t count) {
  __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

static bool log_page(struct ft_recorder *recorder, struct slot *slot, uint64_t page, const uint64_t *words) {
  struct ft_page_table *table = recorder->pages;
  struct ft_stepping *result = recorder->result;
  if (table->count == table->most_pages || recorder->log_capacity - result->log_count < PAGE_WORDS + 2)
    return false;
  slot->page = page;
  slot->number = table->count++;
  copy_words(table->words + slot->number * PAGE_WORDS, words, PAGE_WORDS);
  uint64_t *record = recorder->log + result->log_count;
  record[0] = FT_STEPPING_PAGE;
  record[1] = page;
  copy_words(record + 2, words, PAGE_WORDS);
  result->log_count += PAGE_WORDS + 2;
  return true;
}

// Pages whose words matter to rows at this step.
static void choose(struct ft_recorder *recorder, const uint64_t *registers, struct page_list *list) {
  uint64_t sp = registers[FT_SP];
  add_range(list, sp - RED_ZONE, sp + WINDOW);
  add_range(list, registers[FT_BP], registers[FT_BP] + 16);
  if (recorder->other_sp != 0)
    add_range(list, recorder->other_sp - RED_ZONE, recorder->other_sp + WINDOW);
  for (int number = 0; number < FT_PC; number++) {
    uint64_t page = registers[number] & ~(uint64_t)(PAGE - 1);
    if (number == FT_SP || page == 0 || registers[number] > (uint64_t)1 << 47)
      continue;
    if (find(recorder->pages, page)->page == page)
      add_range(list, registers[number] - REACH, registers[number] + REACH);
  }
}

// Reads pages from `first` on that follow each other, as far as they are there. Answers how many were read.
static int read_run(struct ft_recorder *recorder, const struct page_list *list, int first) {
  int end = first + 1;
  while (end < list->count && list->pages[end] == list->pages[end - 1] + PAGE)
    end++;
  long size = ft_copy_in(recorder->process, scratch, list->pages[first], (size_t)(end - first) * PAGE);
  return size < 0 ? 0 : (int)(size / PAGE);
}

bool ft_log_step(struct ft_recorder *recorder, const uint64_t *registers, bool has_memory) {
  struct ft_stepping *result = recorder->result;
  // Pages come first in the log: pairs wait behind their place until it is known where that is.
  struct page_list list;
  list.count = 0;
  if (has_memory) {
    uint64_t moved = registers[FT_SP] - recorder->registers[FT_SP];
    if (result->steps > 0 && moved + (1 << 16) > 2 << 16)
      recorder->other_sp = recorder->registers[FT_SP];
    choose(recorder, registers, &list);
  }
  static uint64_t changed[2 * MOST_PAGES * PAGE_WORDS];
  uint64_t pairs = 0;
  for (int index = 0; index < list.count;) {
    int count = read_run(recorder, &list, index);
    for (int number = 0; number < count; number++) {
      uint64_t page = list.pages[index + number];
      const uint64_t *words = scratch + number * PAGE_WORDS;
      struct slot *slot = find(recorder->pages, page);
      if (slot->page != page) {
        if (!log_page(recorder, slot, page, words))
          return false;
        continue;
      }
      uint64_t *known = recorder->pages->words + slot->number * PAGE_WORDS;
      for (int word = difference(known, words, 0); word < PAGE_WORDS; word = difference(known, words, word + 1)) {
        known[word] = words[word];
        changed[2 * pairs] = page + 8 * (uint64_t)word;
        changed[2 * pairs + 1] = words[word];
        pairs++;
      }
    }
    // The first one that is not there is passed over.
    index += count > 0 ? count : 1;
  }
  if (recorder->log_capacity - result->log_count < 18 + 2 * pairs)
    return false;
  uint64_t *record = recorder->log + result->log_count;
  uint64_t header = FT_STEPPING_STEP | pairs << 32;
  uint64_t length = 1;
  for (int number = 0; number < 17; number++) {
    if (result->steps > 0 && registers[number] == recorder->registers[number])
      continue;
    header |= (uint64_t)1 << (8 + number);
    record[length++] = registers[number];
    recorder->registers[number] = registers[number];
  }
  copy_words(record + length, changed, 2 * pairs);
  record[0] = header;
  result->log_count += length + 2 * pairs;
  result->steps++;
  return true;
}
