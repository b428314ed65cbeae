// Makes code and call frame information for it, registers that as JIT compilers do, and calls the code, which calls back.
//
// Prints "CODE RECORDS ENTRY TABLE DESCRIPTOR UNWOUND", addresses and whether libgcc walks through the code, then "ready", and waits.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

void __register_frame(void *);
void __deregister_frame(void *);

struct jit_code_entry {
  struct jit_code_entry *next, *previous;
  const char *image;
  uint64_t size;
};

struct jit_descriptor {
  uint32_t version, action;
  struct jit_code_entry *relevant, *first;
};

struct jit_descriptor __jit_debug_descriptor = {1, 0, 0, 0};

__attribute__((noinline)) void __jit_debug_register_code(void) { __asm__ volatile("" ::: "memory"); }

static const unsigned char code_bytes[] = {
    0x55,              //  0 push %rbp
    0x48, 0x89, 0xe5,  //  1 mov %rsp, %rbp
    0x53,              //  4 push %rbx
    0x50,              //  5 push %rax
    0xff, 0xd7,        //  6 call *%rdi
    0x5b,              //  8 pop %rbx
    0x5b,              //  9 pop %rbx
    0x5d,              // 10 pop %rbp
    0xc3,              // 11 ret
};

static const unsigned char cie[] = {
    20, 0, 0, 0, 0, 0, 0, 0, 1, 'z', 'R', 0, 1, 0x78, 16, 1, 0 /* absptr */,
    0x0c, 7, 8, 0x90, 1, 0, 0,
};

static const unsigned char program[] = {
    0x41, 0x0e, 16, 0x86, 2,  // 1: CFA offset 16, rbp at CFA - 16
    0x43, 0x0d, 6,            // 4: CFA from rbp
    0x41, 0x83, 3,            // 5: rbx at CFA - 24
    0x45, 0xc3,               // 10: rbx as it was
    0x41, 0x0c, 7, 8,         // 11: CFA = rsp + 8
    0xc6, 0, 0,
};

static unsigned char *code;
static int passed_code, passed_main;

static _Unwind_Reason_Code visit(struct _Unwind_Context *context, void *argument) {
  (void)argument;
  uintptr_t ip = _Unwind_GetIP(context);
  if (ip >= (uintptr_t)code && ip < (uintptr_t)code + sizeof code_bytes) passed_code = 1;
  if (passed_code && _Unwind_FindEnclosingFunction((void *)(ip - 1)) == (void *)argument) passed_main = 1;
  return _URC_NO_REASON;
}

int main(void);

static void called(void) { _Unwind_Backtrace(visit, (void *)(uintptr_t)main); }

int main(void) {
  unsigned char *page = mmap(0, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  code = page + 4096;
  memcpy(code, code_bytes, sizeof code_bytes);
  unsigned char *records = page + 64, *fde = records + sizeof cie;
  memcpy(records, cie, sizeof cie);
  uint32_t length = 4 + 8 + 8 + 1 + sizeof program, distance = sizeof cie + 4;
  uint64_t start = (uintptr_t)code, size = sizeof code_bytes;
  memcpy(fde, &length, 4);
  memcpy(fde + 4, &distance, 4);
  memcpy(fde + 8, &start, 8);
  memcpy(fde + 16, &size, 8);
  memcpy(fde + 25, program, sizeof program);

  __register_frame(records);
  ((void (*)(void (*)(void)))code)(called);

  static uint64_t table[2];
  table[0] = (uintptr_t)records;
  printf("%p %p %p %p %d\nready\n", code, records, fde, (void *)table, passed_main);
  fflush(stdout);
  pause();
  __deregister_frame(records);
}
