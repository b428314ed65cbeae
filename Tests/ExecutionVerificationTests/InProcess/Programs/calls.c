// Calls functions of CStepFixtures by ft_step_run: by `calls NAME` one that is named, by other words what is not usual. Prints the report.
#define _GNU_SOURCE
#include <CStepFixtures.h>
#include <FiberTraceStepping.h>

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#define CALLS(name, ...) \
  static void call_##name(void *context) { (void)context; name(__VA_ARGS__); }
CALLS(step_frame_pointer, 1, 2)
CALLS(step_red_zone, 1, 2)
CALLS(step_undefined_rbx, 1)
CALLS(step_tail_call, 1, 2)
CALLS(step_push_untold, 1)
CALLS(step_premature_rule, 1)
CALLS(step_epilogue_untold, 1)
CALLS(step_without_rows, 1)
CALLS(step_outermost, 1)

static const struct {
  const char *name;
  void (*body)(void *);
} functions[] = {
    {"step_frame_pointer", call_step_frame_pointer},
    {"step_red_zone", call_step_red_zone},
    {"step_undefined_rbx", call_step_undefined_rbx},
    {"step_tail_call", call_step_tail_call},
    {"step_push_untold", call_step_push_untold},
    {"step_premature_rule", call_step_premature_rule},
    {"step_epilogue_untold", call_step_epilogue_untold},
    {"step_without_rows", call_step_without_rows},
    {"step_outermost", call_step_outermost},
    // These harm their caller, which is the recorder.
    {"step_clobbered_rbx", step_clobbered_rbx},
    {"step_pops_too_much", step_pops_too_much},
    {"step_unbalanced", step_unbalanced},
    {"step_misaligned", step_misaligned},
    {"step_sets_direction", step_sets_direction},
};
enum { COUNT = sizeof functions / sizeof functions[0] };

// What the accessors say agrees with the text.
static void show(struct ft_step_report *report) {
  const char *text = ft_step_report_text(report);
  uint64_t count = ft_step_report_count(report);
  for (uint64_t index = 0; index < count; index++) {
    const struct ft_step_finding *finding = ft_step_report_finding(report, index);
    assert(strstr(text, finding->text) != NULL);
    assert(strstr(finding->text, finding->rule) != NULL);
    assert(strstr(finding->text, finding->claim) != NULL);
    assert(strstr(finding->text, finding->reality) != NULL);
    assert(strstr(finding->text, finding->instruction) != NULL);
    assert(finding->source == NULL || strstr(finding->text, finding->source) == finding->text);
    assert(finding->places >= 1);
    if (finding->module[0] != 0)
      printf("%s+%lu in %s: ", finding->function, (unsigned long)finding->offset, strrchr(finding->module, '/') + 1);
    printf("%s\n", finding->rule);
  }
  assert(ft_step_report_finding(report, count) == NULL);
  assert(ft_step_report_error(report) == 0 || (ft_step_report_instructions(report) == 0 && count == 1));
  printf("error %d\n", ft_step_report_error(report));
  assert(ft_step_report_print(report, stdout) == 0);
  ft_step_report_free(report);
}

static void step(void (*body)(void *), const struct ft_step_options *options) { show(ft_step_run(body, NULL, options)); }

static struct ft_step_report *inner;
static void steps(void *context) {
  (void)context;
  inner = ft_step_run(call_step_red_zone, NULL, NULL);
}

static void on_signal(int number) {
  (void)number;
  step(call_step_red_zone, NULL);
}

static char handlers_stack[1 << 20];

static void from_handler(void) {
  stack_t stack = {.ss_sp = handlers_stack, .ss_size = sizeof handlers_stack};
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
  assert(sigaltstack(&stack, NULL) == 0 && sigaction(SIGUSR1, &action, NULL) == 0);
  raise(SIGUSR1);
}

static void counts(void *context) { *(int *)context += 1; }

static const char *const none[] = {NULL};

int main(int count, char **words) {
  assert(count == 2);
  const char *word = words[1];
  for (int index = 0; index < COUNT; index++) {
    if (strcmp(functions[index].name, word) == 0) {
      step(functions[index].body, &(struct ft_step_options){.functions = (const char *const[]){word, NULL}});
      return 0;
    }
  }
  if (strcmp(word, "null-options") == 0) {
    int calls = 0;
    struct ft_step_report *report = ft_step_run(counts, &calls, NULL);
    assert(calls == 1 && ft_step_report_functions(report) == 1);
    show(report);
  } else if (strcmp(word, "null-body") == 0) {
    step(NULL, NULL);
  } else if (strcmp(word, "empty-lists") == 0) {
    step(call_step_push_untold, &(struct ft_step_options){.functions = none, .excluding = none});
  } else if (strcmp(word, "excluded") == 0) {
    step(call_step_push_untold, &(struct ft_step_options){.excluding = (const char *const[]){"step_pu*", NULL}});
  } else if (strcmp(word, "not-executed") == 0) {
    step(call_step_red_zone, &(struct ft_step_options){.functions = (const char *const[]){"step_red_zone", "step_nothing", NULL}});
  } else if (strcmp(word, "few-instructions") == 0) {
    step(call_step_red_zone, &(struct ft_step_options){.most_instructions = 3});
  } else if (strcmp(word, "few-bytes") == 0) {
    step(call_step_red_zone, &(struct ft_step_options){.most_bytes = 1});
  } else if (strcmp(word, "too-much-memory") == 0) {
    step(call_step_red_zone, &(struct ft_step_options){.most_bytes = (uint64_t)1 << 46});
  } else if (strcmp(word, "no-such-limit") == 0) {
    step(call_step_red_zone, &(struct ft_step_options){.most_instructions = UINT64_MAX});
  } else if (strcmp(word, "nested") == 0) {
    ft_step_report_free(ft_step_run(steps, NULL, &(struct ft_step_options){.most_instructions = 100000}));
    show(inner);
  } else if (strcmp(word, "in-handler") == 0) {
    from_handler();
  } else {
    assert(!"known");
  }
  ft_step_report_free(NULL);
  return 0;
}
