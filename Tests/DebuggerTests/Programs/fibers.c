// Fibers in every state, whose frames, variables and callee-saved registers the program knows itself.
//
// Prints what it knows and "ready", and waits to be killed. With an argument it first has the system leave the fibers' stacks out
// of cores.
//
// On the main thread "outer" has resumed "middle" and that "inner", which stands; their stacks lie above, below and above the
// thread's. "above" and "below" are suspended on stacks that lie so. "threaded" stands on a second thread. "unstarted" and "ended"
// are what they are called.
//
// What it prints, a line each: a thread or a fiber, then its frames, the outermost first, each followed by its variables:
//
//   stack ID NAME                                   0 for a thread
//   frame FUNCTION LINE PC RBX R12 R13 R14 R15     "-" where the program does not know
//   local NAME VALUE
//
// Between any two functions in C stands `keep_registers`, which writes down where its caller is and what its callee-saved registers
// hold, and then gives the registers values of its own.

#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNTOLD // no stacks.c: valgrind is not asked
#include "../../SwitchTests/Programs/inside_stack.h"

// A function with a frame of its own under its own name.
#ifdef __clang__
#define OWN_FRAME __attribute__((noinline))
#else
#define OWN_FRAME __attribute__((noipa))
#endif

enum { FRAMES = 16, LOCALS = 2, KEPT = 5 };

struct frame {
  uint64_t pc, kept[KEPT]; // rbx, r12 to r15. keep_registers writes here.
  const char *function;
  int line;
  const char *names[LOCALS];
  long values[LOCALS];
};

struct stack {
  const char *name;
  long seed; // what its variables and registers are made of
  struct ft_record *record;
  struct stack *next; // the fiber that it resumes
  void *(*last)(struct stack *); // its innermost function
  int count;
  struct frame frames[FRAMES];
};

static struct stack on_main = {.name = "main thread", .seed = 1000}, on_thread = {.name = "second thread", .seed = 2000};
static struct stack outer = {.name = "outer", .seed = 3000}, middle = {.name = "middle", .seed = 4000};
static struct stack inner = {.name = "inner", .seed = 5000}, threaded = {.name = "threaded", .seed = 6000};
static struct stack above = {.name = "above", .seed = 7000}, below = {.name = "below", .seed = 8000};
static struct stack unstarted = {.name = "unstarted", .seed = 9000}, ended = {.name = "ended", .seed = 10000};
static int ready[2];
static bool leaves_stacks_out;

/// Notes a frame of the caller's, innermost so far.
OWN_FRAME struct frame *note(struct stack *stack, const char *function, int line) {
  struct frame *frame = &stack->frames[stack->count++];
  frame->function = function;
  frame->line = line;
  return frame;
}

OWN_FRAME void note_local(struct stack *stack, int index, const char *name, long value) {
  struct frame *frame = &stack->frames[stack->count];
  frame->names[index] = name;
  frame->values[index] = value;
}

// void *keep_registers(struct frame *caller, const uint64_t kept[KEPT], void *(*inner)(struct stack *), struct stack *stack)
void *keep_registers(struct frame *caller, const uint64_t *kept, void *(*inner)(struct stack *), struct stack *stack);
extern const char keep_registers_pc[];
__asm__(".pushsection .text\n"
        ".globl keep_registers\n"
        ".type keep_registers, @function\n"
        "keep_registers:\n"
        ".cfi_startproc\n"
        "endbr64\n"
        "movq (%rsp), %rax\n"
        "movq %rax, (%rdi)\n"
        "movq %rbx, 8(%rdi)\n"
        "movq %r12, 16(%rdi)\n"
        "movq %r13, 24(%rdi)\n"
        "movq %r14, 32(%rdi)\n"
        "movq %r15, 40(%rdi)\n"
        "pushq %rbx\n"
        ".cfi_adjust_cfa_offset 8\n.cfi_offset %rbx, -16\n"
        "pushq %r12\n"
        ".cfi_adjust_cfa_offset 8\n.cfi_offset %r12, -24\n"
        "pushq %r13\n"
        ".cfi_adjust_cfa_offset 8\n.cfi_offset %r13, -32\n"
        "pushq %r14\n"
        ".cfi_adjust_cfa_offset 8\n.cfi_offset %r14, -40\n"
        "pushq %r15\n"
        ".cfi_adjust_cfa_offset 8\n.cfi_offset %r15, -48\n"
        "movq (%rsi), %rbx\n"
        "movq 8(%rsi), %r12\n"
        "movq 16(%rsi), %r13\n"
        "movq 24(%rsi), %r14\n"
        "movq 32(%rsi), %r15\n"
        "movq %rcx, %rdi\n"
        "callq *%rdx\n"
        ".globl keep_registers_pc\n"
        "keep_registers_pc:\n"
        "popq %r15\n"
        ".cfi_adjust_cfa_offset -8\n.cfi_restore %r15\n"
        "popq %r14\n"
        ".cfi_adjust_cfa_offset -8\n.cfi_restore %r14\n"
        "popq %r13\n"
        ".cfi_adjust_cfa_offset -8\n.cfi_restore %r13\n"
        "popq %r12\n"
        ".cfi_adjust_cfa_offset -8\n.cfi_restore %r12\n"
        "popq %rbx\n"
        ".cfi_adjust_cfa_offset -8\n.cfi_restore %rbx\n"
        "ret\n"
        ".cfi_endproc\n"
        ".size keep_registers, . - keep_registers\n"
        ".popsection\n");

/// Notes the next frame, that of keep_registers, and answers the values of its registers.
OWN_FRAME const uint64_t *note_kept(struct stack *stack) {
  struct frame *frame = note(stack, "keep_registers", 0);
  frame->pc = (uint64_t)keep_registers_pc;
  for (int i = 0; i < KEPT; i++)
    frame->kept[i] = UINT64_C(0xa5a5000000000000) + (uint64_t)(stack->seed * 1000 + stack->count * 10 + i);
  return frame->kept;
}

// Calls `inner` by keep_registers and answers what it answers, in one line of source.
#define KEEPING(inner)                                                                                                 \
  (caller = note(stack, __func__, __LINE__), kept = note_kept(stack), keep_registers(caller, kept, inner, stack))

// A function with variables that live across its call of `inner`.
#define STEP(inner)                                                                                                    \
  struct frame *caller;                                                                                                \
  const uint64_t *kept;                                                                                                \
  long in_register = stack->seed + stack->count;                                                                       \
  volatile long in_memory = -in_register;                                                                              \
  note_local(stack, 0, "in_register", in_register);                                                                    \
  note_local(stack, 1, "in_memory", in_memory);                                                                        \
  char *value = KEEPING(inner);                                                                                        \
  return value + in_register + in_memory

OWN_FRAME void *inner_step(struct stack *stack) {
  STEP(stack->last);
}

OWN_FRAME void *outer_step(struct stack *stack) {
  STEP(inner_step);
}

OWN_FRAME void *fiber_body(struct ft_record *record, void *resumer, void *argument) {
  struct stack *stack = argument;
  (void)record, (void)resumer;
  STEP(outer_step);
}

// ---- Innermost functions ----

OWN_FRAME void *suspend_here(struct stack *stack) {
  struct ft_record *record = stack->record;
  note(stack, __func__, __LINE__ + 1);
  char *value = ft_suspend(record, stack);
  return value + 1;
}

OWN_FRAME void *resume_here(struct stack *stack) {
  struct ft_record *record = stack->next->record;
  note(stack, __func__, __LINE__ + 1);
  char *value = ft_resume(record, stack);
  return value + 1;
}

OWN_FRAME void *end_here(struct stack *stack) {
  return stack->record;
}

OWN_FRAME void *stand_on_thread(struct stack *stack) {
  note(stack, __func__, __LINE__ + 2);
  if (write(ready[1], "", 1) == 1)
    pause();
  return stack->record;
}

static void spell(const struct stack *stack) {
  printf("stack %lu %s\n", stack->record == NULL ? 0 : ft_record_identity(stack->record) >> FT_IDENTITY_SHIFT, stack->name);
  // What has ended has no frames any more.
  for (int i = 0; stack != &ended && i < stack->count; i++) {
    const struct frame *frame = &stack->frames[i];
    printf("frame %s %d", frame->function, frame->line);
    if (frame->pc == 0)
      printf(" - - - - - -\n");
    else
      printf(" 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx\n", frame->pc, frame->kept[0], frame->kept[1], frame->kept[2], frame->kept[3],
             frame->kept[4]);
    for (int local = 0; local < LOCALS; local++)
      if (frame->names[local] != NULL)
        printf("local %s %ld\n", frame->names[local], frame->values[local]);
  }
}

OWN_FRAME void *stand(struct stack *stack) {
  note(stack, __func__, __LINE__ + 6);
  const struct stack *all[] = {&on_main, &on_thread, &outer, &middle, &inner, &threaded, &above, &below, &unstarted, &ended};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    spell(all[i]);
  puts("ready");
  fflush(stdout);
  pause();
  return stack->record;
}

// ---- Fibers and threads ----

static void create(struct stack *stack, bool lies_above, void *(*last)(struct stack *), struct stack *next) {
  stack->last = last;
  stack->next = next;
  stack->record = make_fiber(fiber_body, stack, lies_above);
  stack->record->name = (uint64_t)stack->name;
  if (leaves_stacks_out && madvise((void *)stack->record->low, STACK_SIZE, MADV_DONTDUMP) != 0)
    exit(2);
}

OWN_FRAME void *thread_main(void *argument) {
  struct stack *stack = argument;
  create(&threaded, true, stand_on_thread, NULL);
  stack->last = resume_here;
  stack->next = &threaded;
  STEP(outer_step);
}

OWN_FRAME void *main_step(struct stack *stack) {
  STEP(outer_step);
}

int main(int count, char **arguments) {
  (void)arguments;
  leaves_stacks_out = count > 1;
  create(&unstarted, false, suspend_here, NULL);
  create(&above, true, suspend_here, NULL);
  create(&below, false, suspend_here, NULL);
  create(&ended, false, end_here, NULL);
  ft_resume(above.record, NULL);
  ft_resume(below.record, NULL);
  ft_resume(ended.record, NULL);

  pthread_t thread;
  char byte;
  if (pipe(ready) != 0 || pthread_create(&thread, NULL, thread_main, &on_thread) != 0 || read(ready[0], &byte, 1) != 1)
    return 1;

  create(&outer, true, resume_here, &middle);
  create(&middle, false, resume_here, &inner);
  create(&inner, true, stand, NULL);
  on_main.last = resume_here;
  on_main.next = &outer;
  note(&on_main, __func__, __LINE__ + 1);
  void *value = main_step(&on_main);
  return value == NULL;
}
