// stepped [WHAT...]: calls functions of stepped.s and does other things, in order. Ends with the number of its last argument.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void wrong(void);
void undecided(void);

int main(int count, char **arguments) {
  for (int index = 1; index < count; index++) {
    const char *what = arguments[index];
    if (strcmp(what, "wrong") == 0)
      wrong();
    else if (strcmp(what, "undecided") == 0)
      undecided();
    else if (strcmp(what, "abort") == 0)
      abort();
    else if (strcmp(what, "copy") == 0)
      for (int character; (character = getchar()) != EOF;)
        putchar(character);
    else if (strcmp(what, "wait") == 0)
      for (;;)
        usleep(1000);
    else if (strcmp(what, "ready") == 0) {
      puts("ready");
      fflush(stdout);
    } else
      return atoi(what);
  }
  return 0;
}
