// A line for the standard error stream, put together where nothing may allocate or lock: in a signal handler, or while an
// exception looks for its handler.
#ifndef FT_LINE_H
#define FT_LINE_H

#include "CFiberAsm.h"

#include <sys/syscall.h>
#include <unistd.h>

enum { FT_LINE_NAME_LIMIT = 256 };

/// What does not fit is left out.
struct ft_line {
  char text[FT_LINE_NAME_LIMIT + 256];
  size_t count;
};

static inline void ft_line_append(struct ft_line *line, const char *text) {
  while (*text != 0 && line->count < sizeof line->text)
    line->text[line->count++] = *text++;
}

static inline void ft_line_append_number(struct ft_line *line, uint64_t number) {
  char digits[21];
  char *digit = digits + sizeof digits - 1;
  *digit = 0;
  do
    *--digit = (char)('0' + number % 10);
  while ((number /= 10) != 0);
  ft_line_append(line, digit);
}

/// `fiber #3 "name"`. One line, whatever the name, and nothing that would drive a terminal.
static inline void ft_line_append_fiber(struct ft_line *line, const struct ft_record *record) {
  ft_line_append(line, "fiber #");
  ft_line_append_number(line, record->identity >> FT_IDENTITY_SHIFT);
  const char *name = (const char *)record->name;
  if (name == NULL)
    return;
  ft_line_append(line, " \"");
  size_t count = 0;
  for (; name[count] != 0 && count < FT_LINE_NAME_LIMIT; count++) {
    char character[2] = {(unsigned char)name[count] < ' ' || name[count] == 0x7f ? '?' : name[count], 0};
    ft_line_append(line, character);
  }
  ft_line_append(line, name[count] != 0 ? "...\"" : "\"");
}

/// If it cannot be written, there is nobody to tell. Not `write`, at which a thread may be cancelled.
static inline void ft_line_write(const struct ft_line *line) {
  (void)!syscall(SYS_write, STDERR_FILENO, line->text, line->count);
}

#endif
