// A fiber that is resumed four times.
void one_slot_init(void *top, void (*body)(void *), void *argument);
void one_slot_switch(void *top);

static _Alignas(16) char stack[65536];
static int turns;

static void body(void *top) {
  for (;;) {
    turns++;
    one_slot_switch(top);
  }
}

int main(void) {
  void *top = stack + sizeof stack;
  one_slot_init(top, body, top);
  for (int turn = 0; turn < 4; turn++) one_slot_switch(top);
  return turns == 4 ? 0 : 1;
}
