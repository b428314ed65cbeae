/// Holds call frame information against what code does, within one test: for tests in C and C++.
///
/// ```c
/// struct ft_step_options options = {.functions = (const char *const[]){"my_memcpy", NULL}};
/// struct ft_step_report *report = ft_step_run(copies, NULL, &options);
/// ft_step_report_print(report, stdout);
/// int failed = ft_step_report_count(report) != 0;
/// ft_step_report_free(report);
/// ```
///
/// Each instruction is stepped by the processor's trap flag, without a debugger or another process. Docs/unit-tests-of-assembly.md
/// says what is checked, and what cannot be stepped. Link with -lFiberTraceStepping.
#ifndef FIBERTRACESTEPPING_H
#define FIBERTRACESTEPPING_H

#include <stdint.h>
#include <stdio.h>

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#define FT_STEP_NULLABLE _Nullable
#define FT_STEP_NONNULL _Nonnull
#else
#define FT_STEP_NULLABLE
#define FT_STEP_NONNULL
#endif

#ifdef __cplusplus
extern "C" {
#endif

/// What is judged, and how much is recorded. All zeros: everything that is executed, within the usual limits.
struct ft_step_options {
  /// Names of functions to judge, and NULL behind the last: as people write them or as the symbol table has them, with the wildcards
  /// of fnmatch(3). Everything that is executed if NULL or empty. A name that fits nothing that was executed is a finding.
  const char *FT_STEP_NULLABLE const *FT_STEP_NULLABLE functions;
  /// What is not judged, likewise.
  const char *FT_STEP_NULLABLE const *FT_STEP_NULLABLE excluding;
  /// Beyond so many instructions the function runs on at full speed, and the report has a finding that says so. 0: a million.
  uint64_t most_instructions;
  /// Likewise bytes of memory for the recording: about 40 an instruction, and 4,112 a page of a stack. As much again is used beside
  /// it for stacks. 0: 256 MiB.
  uint64_t most_bytes;
};

/// What a row says and an execution showed not to be so, or what a function did not give back. Texts belong to the report.
struct ft_step_finding {
  /// What was checked: "step-cfa", say. Never changed once published.
  const char *FT_STEP_NONNULL rule;
  /// As people write it; "" where no symbol tells, and of the whole call.
  const char *FT_STEP_NONNULL function;
  /// How far the first instruction that it was seen at is behind the function's symbol, in bytes.
  uint64_t offset;
  /// That instruction, in Intel's syntax; "" of the whole call.
  const char *FT_STEP_NONNULL instruction;
  /// How many instructions of the function it was seen at.
  uint64_t places;
  /// What is said: by the row in force before the instruction, or by the ABI.
  const char *FT_STEP_NONNULL claim;
  /// What is so.
  const char *FT_STEP_NONNULL reality;
  /// The path of the file that the code is in; "" of the whole call.
  const char *FT_STEP_NONNULL module;
  /// The instruction's address in that file.
  uint64_t address;
  /// Where it was written, "path:line"; NULL if debug information does not tell.
  const char *FT_STEP_NULLABLE source;
  /// All of it in one line.
  const char *FT_STEP_NONNULL text;
};

/// What came of stepping a function.
struct ft_step_report;

/// Calls `body(context)`, steps it, and holds every row against its execution.
///
/// One at a time in a process: another thread's call waits for it. SIGSEGV, SIGBUS, SIGILL and SIGFPE end `body` instead of the process
/// where nobody handles them: what it held is lost then. If it is left by longjmp or an exception, this never returns.
///
/// \param options NULL is all zeros
/// \return what was found, never NULL, to be given to `ft_step_report_free`. If nothing could be stepped, a report with one finding
///   that says why, and its errno value in `ft_step_report_error`.
struct ft_step_report *FT_STEP_NONNULL ft_step_run(void (*FT_STEP_NULLABLE body)(void *FT_STEP_NULLABLE),
                                                   void *FT_STEP_NULLABLE context,
                                                   const struct ft_step_options *FT_STEP_NULLABLE options);

/// Why nothing was stepped: EDEADLK within what is stepped itself, EINVAL on an alternate signal stack or without a body, ENOMEM. 0 if
/// `body` was called.
int ft_step_report_error(const struct ft_step_report *FT_STEP_NONNULL report);

/// How many findings there are. 0: `body` was stepped from its first instruction to its end, and nothing is wrong.
uint64_t ft_step_report_count(const struct ft_step_report *FT_STEP_NONNULL report);

/// A finding, by module, function and place; NULL if there are no more than `index`.
const struct ft_step_finding *FT_STEP_NULLABLE ft_step_report_finding(const struct ft_step_report *FT_STEP_NONNULL report,
                                                                       uint64_t index);

/// How many instructions were executed one by one.
uint64_t ft_step_report_instructions(const struct ft_step_report *FT_STEP_NONNULL report);

/// How many functions were executed and judged.
uint64_t ft_step_report_functions(const struct ft_step_report *FT_STEP_NONNULL report);

/// A line that counts, the findings, a line each, and what could not be judged. Ends in no newline.
const char *FT_STEP_NONNULL ft_step_report_text(const struct ft_step_report *FT_STEP_NONNULL report);

/// Writes the text and a newline.
///
/// \return 0; or EOF, and errno tells why
int ft_step_report_print(const struct ft_step_report *FT_STEP_NONNULL report, FILE *FT_STEP_NONNULL file);

/// Frees a report and its texts. NULL is none.
void ft_step_report_free(struct ft_step_report *FT_STEP_NULLABLE report);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif
