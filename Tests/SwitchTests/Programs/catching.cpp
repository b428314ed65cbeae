// Fibers that suspend inside a handler, and are resumed under another. `plain` or `kept`: by ft_resume, or by
// ft_resume_keeping_catches. Prints what the handlers rethrow, which should be their own, and what is still caught in
// the end.

#include "inside_stack.h"

#include <cstring>
#include <exception>

static bool kept;
static struct ft_catches catches[2];

static void *resume(ft_record *record, int number) {
  return kept ? ft_resume_keeping_catches(record, nullptr, &catches[number]) : ft_resume(record, nullptr);
}

extern "C" void *catching_body(ft_record *record, void *, void *name) {
  try {
    throw(const char *) name;
  } catch (const char *) {
    ft_suspend(record, nullptr);
    try {
      throw;
    } catch (const char *rethrown) {
      printf("%s rethrows %s\n", (const char *)name, rethrown);
    }
  }
  printf("%s holds %s\n", (const char *)name, std::current_exception() == nullptr ? "nothing" : "something");
  return nullptr;
}

int main(int count, char **arguments) {
  if (count != 2)
    return 2;
  setvbuf(stdout, nullptr, _IONBF, 0);
  kept = strcmp(arguments[1], "kept") == 0;
  ft_record *first = make_fiber(catching_body, (void *)"first", false);
  ft_record *second = make_fiber(catching_body, (void *)"second", false);
  resume(first, 0);
  printf("main holds %s\n", std::current_exception() == nullptr ? "nothing" : "something");
  resume(second, 1);
  resume(first, 0); // not the last to catch
  resume(second, 1);
  try {
    throw "main";
  } catch (const char *) {
    ft_record *third = make_fiber(catching_body, (void *)"third", false);
    struct ft_catches own = {};
    if (kept)
      ft_resume_keeping_catches(third, nullptr, &own);
    else
      ft_resume(third, nullptr);
    try {
      throw;
    } catch (const char *rethrown) {
      printf("main rethrows %s\n", rethrown);
    }
  }
  return 0;
}
