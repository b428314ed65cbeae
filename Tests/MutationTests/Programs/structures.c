// What programs are made of: lists, trees, tables, sorts, parsers and an interpreter; loops in which saved registers are live.
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))

NOINLINE static uint64_t hashed(const char *text) {
  uint64_t hash = 14695981039346656037u;
  while (*text) hash = (hash ^ (unsigned char)*text++) * 1099511628211u;
  return hash;
}

struct node {
  struct node *left, *right;
  int key;
};

NOINLINE static struct node *inserted(struct node *root, int key) {
  if (!root) {
    root = calloc(1, sizeof *root);
    if (!root) abort();
    root->key = key;
    return root;
  }
  if (key < root->key) root->left = inserted(root->left, key);
  else if (key > root->key) root->right = inserted(root->right, key);
  return root;
}

NOINLINE static unsigned depth(const struct node *root) {
  if (!root) return 0;
  unsigned left = depth(root->left), right = depth(root->right);
  return 1 + (left > right ? left : right);
}

NOINLINE static void walked(const struct node *root, void (*visit)(int, void *), void *context) {
  if (!root) return;
  walked(root->left, visit, context);
  visit(root->key, context);
  walked(root->right, visit, context);
}

static void added(int key, void *context) { *(uint64_t *)context = *(uint64_t *)context * 31 + (uint64_t)key; }

NOINLINE static void freed(struct node *root) {
  if (!root) return;
  freed(root->left);
  freed(root->right);
  free(root);
}

NOINLINE static uint64_t trees(void) {
  static const int keys[] = {50, 20, 70, 10, 30, 60, 80, 20};
  struct node *root = NULL;
  for (unsigned i = 0; i < 8; i++) root = inserted(root, keys[i]);
  uint64_t sum = depth(root);
  walked(root, added, &sum);
  freed(root);
  return sum;
}

struct entry {
  const char *name;
  uint64_t value;
};
struct table {
  struct entry entries[16];
  unsigned count;
};

NOINLINE static struct entry *found(struct table *table, const char *name) {
  for (uint64_t i = hashed(name);; i++) {
    struct entry *entry = &table->entries[i % 16];
    if (!entry->name || strcmp(entry->name, name) == 0) return entry;
  }
}

NOINLINE static int stored(struct table *table, const char *name, uint64_t value) {
  if (table->count >= 15) return -1;
  struct entry *entry = found(table, name);
  if (!entry->name) {
    entry->name = name;
    table->count++;
  }
  entry->value += value;
  return 0;
}

NOINLINE static uint64_t tables(void) {
  static const char *const names[] = {"one", "two", "three", "four", "one", "five", "two"};
  struct table table = {0};
  uint64_t sum = 0;
  for (unsigned i = 0; i < 7; i++) sum += (uint64_t)stored(&table, names[i], i + 1);
  for (unsigned i = 0; i < 7; i++) sum = sum * 3 + found(&table, names[i])->value;
  return sum;
}

NOINLINE static void sifted(int *numbers, unsigned root, unsigned count) {
  for (unsigned child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && numbers[child] < numbers[child + 1]) child++;
    if (numbers[root] >= numbers[child]) return;
    int kept = numbers[root];
    numbers[root] = numbers[child];
    numbers[child] = kept;
  }
}

NOINLINE static void heap_sorted(int *numbers, unsigned count) {
  for (unsigned i = count / 2; i-- > 0;) sifted(numbers, i, count);
  for (unsigned end = count; end-- > 1;) {
    int kept = numbers[0];
    numbers[0] = numbers[end];
    numbers[end] = kept;
    sifted(numbers, 0, end);
  }
}

NOINLINE static void quick_sorted(int *low, int *high) {
  while (low < high) {
    int pivot = low[(high - low) / 2], *i = low, *k = high;
    while (i <= k) {
      while (*i < pivot) i++;
      while (*k > pivot) k--;
      if (i <= k) {
        int kept = *i;
        *i++ = *k;
        *k-- = kept;
      }
    }
    if (k - low < high - i) {
      quick_sorted(low, k);
      low = i;
    } else {
      quick_sorted(i, high);
      high = k;
    }
  }
}

NOINLINE static void merged(int *numbers, unsigned count, int *room) {
  if (count < 2) return;
  unsigned half = count / 2, i = 0, k = half, n = 0;
  merged(numbers, half, room);
  merged(numbers + half, count - half, room);
  while (i < half && k < count) room[n++] = numbers[i] <= numbers[k] ? numbers[i++] : numbers[k++];
  while (i < half) room[n++] = numbers[i++];
  memcpy(numbers, room, n * sizeof *numbers);
}

NOINLINE static uint64_t checksum(const int *numbers, unsigned count) {
  uint64_t sum = 0;
  for (unsigned i = 0; i < count; i++) sum = sum * 7 + (uint64_t)numbers[i];
  return sum;
}

NOINLINE static uint64_t sorts(void) {
  int first[12], second[12], third[12], room[12];
  for (int i = 0; i < 12; i++) first[i] = second[i] = third[i] = i * 37 % 23;
  heap_sorted(first, 12);
  quick_sorted(second, second + 11);
  merged(third, 12, room);
  return checksum(first, 12) + checksum(second, 12) * 2 + checksum(third, 12) * 3;
}

// A recursive descent parser.
struct parser {
  const char *at;
  int failed;
};
static int64_t expression(struct parser *parser);

static void skipped(struct parser *parser) {
  while (isspace((unsigned char)*parser->at)) parser->at++;
}

NOINLINE static int64_t number(struct parser *parser) {
  char *end;
  int64_t value = strtoll(parser->at, &end, 10);
  if (end == parser->at) parser->failed = 1;
  parser->at = end;
  return value;
}

NOINLINE static int64_t factor(struct parser *parser) {
  skipped(parser);
  switch (*parser->at) {
  case '(': {
    parser->at++;
    int64_t value = expression(parser);
    skipped(parser);
    if (*parser->at == ')') parser->at++;
    else parser->failed = 1;
    return value;
  }
  case '-': parser->at++; return -factor(parser);
  case '~': parser->at++; return ~factor(parser);
  default: return number(parser);
  }
}

NOINLINE static int64_t term(struct parser *parser) {
  int64_t value = factor(parser);
  for (;;) {
    skipped(parser);
    if (*parser->at == '*') {
      parser->at++;
      value *= factor(parser);
    } else if (*parser->at == '/') {
      parser->at++;
      int64_t by = factor(parser);
      if (by == 0) {
        parser->failed = 1;
        return 0;
      }
      value /= by;
    } else return value;
  }
}

NOINLINE static int64_t expression(struct parser *parser) {
  int64_t value = term(parser);
  for (;;) {
    skipped(parser);
    char sign = *parser->at;
    if (sign != '+' && sign != '-') return value;
    parser->at++;
    int64_t other = term(parser);
    value = sign == '+' ? value + other : value - other;
  }
}

NOINLINE static uint64_t parsed(const char *text) {
  struct parser parser = {text, 0};
  int64_t value = expression(&parser);
  return parser.failed ? 999 : (uint64_t)value;
}

// An interpreter of bytes: a switch in a loop with everything live.
enum { PUSH, ADD, MUL, DUP, SWAP, JNZ, DEC, CALL, RET, END };

NOINLINE static uint64_t executed(const unsigned char *code) {
  uint64_t stack[16] = {0}, *top = stack;
  unsigned pc = 0, returns[4], calls = 0;
  for (unsigned steps = 0; steps < 200; steps++) {
    switch (code[pc++]) {
    case PUSH: *++top = code[pc++]; break;
    case ADD: top[-1] += *top; top--; break;
    case MUL: top[-1] *= *top; top--; break;
    case DUP: top[1] = *top; top++; break;
    case SWAP: { uint64_t kept = *top; *top = top[-1]; top[-1] = kept; break; }
    case JNZ: pc = *top ? code[pc] : pc + 1; break;
    case DEC: --*top; break;
    case CALL: if (calls == 4) return 1; returns[calls++] = pc + 1; pc = code[pc]; break;
    case RET: if (calls == 0) return 2; pc = returns[--calls]; break;
    case END: return *top + hashed("end");
    default: return 0;
    }
  }
  return 3;
}

NOINLINE static uint64_t multiplied(unsigned n) {
  uint64_t a[4][4], b[4][4], c[4][4];
  for (unsigned i = 0; i < 16; i++) a[i / 4][i % 4] = i * n, b[i / 4][i % 4] = i + n;
  for (unsigned i = 0; i < 4; i++)
    for (unsigned k = 0; k < 4; k++) {
      c[i][k] = 0;
      for (unsigned m = 0; m < 4; m++) c[i][k] += a[i][m] * b[m][k];
    }
  return c[1][2] + c[3][3];
}

NOINLINE static uint64_t sieved(unsigned n) {
  unsigned char composite[n + 1];
  memset(composite, 0, n + 1);
  uint64_t sum = 0;
  for (unsigned i = 2; i <= n; i++) {
    if (composite[i]) continue;
    sum += i;
    for (unsigned k = i * i; k <= n; k += i) composite[k] = 1;
  }
  return sum;
}

NOINLINE static unsigned queens(unsigned n, unsigned row, unsigned columns, unsigned left, unsigned right) {
  if (row == n) return 1;
  unsigned count = 0;
  for (unsigned free = ~(columns | left | right) & ((1u << n) - 1); free; free &= free - 1) {
    unsigned bit = free & -free;
    count += queens(n, row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return count;
}

NOINLINE static unsigned ackermann(unsigned m, unsigned n) {
  if (m == 0) return n + 1;
  return ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

NOINLINE static char *written(char *to, uint64_t value, unsigned base) {
  char digits[65];
  unsigned count = 0;
  do digits[count++] = "0123456789abcdef"[value % base];
  while ((value /= base) != 0);
  while (count) *to++ = digits[--count];
  *to = 0;
  return to;
}

NOINLINE static unsigned distance(const char *a, const char *b) {
  unsigned columns = (unsigned)strlen(b) + 1, row[columns];
  for (unsigned k = 0; k < columns; k++) row[k] = k;
  for (unsigned i = 1; a[i - 1]; i++) {
    unsigned corner = row[0];
    row[0] = i;
    for (unsigned k = 1; k < columns; k++) {
      unsigned above = row[k], best = corner + (a[i - 1] != b[k - 1]);
      if (above + 1 < best) best = above + 1;
      if (row[k - 1] + 1 < best) best = row[k - 1] + 1;
      corner = above;
      row[k] = best;
    }
  }
  return row[columns - 1];
}

NOINLINE static int matched(const char *pattern, const char *text) {
  for (;; pattern++, text++) {
    if (*pattern == '*') {
      do
        if (matched(pattern + 1, text)) return 1;
      while (*text++);
      return 0;
    }
    if (*pattern != *text) return *pattern == '?' && *text ? matched(pattern + 1, text + 1) : 0;
    if (!*text) return 1;
  }
}

NOINLINE static const char *classified(int number) {
  switch (number) {
  case -5: return "low";
  case 0 ... 9: return number & 1 ? "odd" : "even";
  case 100: return "hundred";
  case 1000: return "thousand";
  default: return number < 0 ? "negative" : "many";
  }
}

int main(void) {
  static const unsigned char code[] = {PUSH, 1, PUSH, 5, SWAP, CALL, 14, SWAP, DEC, JNZ, 4, SWAP, ADD, END, PUSH, 3, MUL, RET};
  uint64_t total = hashed("start") + trees() + tables() + sorts();
  total += parsed("1 + 2 * (3 - -4) / 2") + parsed("~5 * (2") + parsed("8 / 0") + parsed("(((7)))-x");
  total += executed(code) + multiplied(3) + sieved(60) + queens(5, 0, 0, 0, 0) + ackermann(2, 3);
  char text[80], *end = written(text, total, 16);
  written(end, 12345, 2);
  total = hashed(text) + distance("kitten", "sitting") + (uint64_t)matched("a*c?e", "abbbcde") + (uint64_t)matched("*x", "abc");
  for (int i = -6; i < 12; i += 5) total += hashed(classified(i));
  total += hashed(classified(100)) + hashed(classified(1000));
  printf("%llx\n", (unsigned long long)total);
  return 0;
}
