import CallFrameInfo
import FrameVerification
import Instructions
import TestSupport
import Testing

/// Instructions of real programs, executed with random registers: what they change is what decoding says.
@Suite struct ExecutionTests {
  /// What an instruction found and left in the registers, by DWARF number.
  struct Run {
    var instruction: Instruction
    var text: String
    var before: [UInt64]
    var after: [UInt64]
  }

  @Test func executedInstructionsChangeWhatDecodingSays() throws {
    let found = try instructions(of: ["/usr/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib/x86_64-linux-gnu/libm.so.6"])
    #expect(found.count > 1000)
    let runs = try execute(found)
    // Some trap: on operands, on privileges, on processors without them.
    #expect(runs.count > 2 * found.count, "\(runs.count) of \(3 * found.count) came through")
    for run in runs {
      for register in 0..<16 where run.before[register] != run.after[register] {
        #expect(
          run.instruction.changes.contains(GeneralRegister(rawValue: UInt8(register))),
          "\(run.text) changes register \(register)")
      }
      check(run)
    }
  }

  /// What `effect` says of new values.
  private func check(_ run: Run) {
    func before(_ register: GeneralRegister) -> UInt64 { run.before[Int(register.rawValue)] }
    func after(_ register: GeneralRegister) -> UInt64 { run.after[Int(register.rawValue)] }
    switch run.instruction.effect {
    case .move(let register, .register(let source)): #expect(after(register) == before(source), "\(run.text)")
    case .move(let register, .constant(let number)):
      #expect(after(register) == UInt64(bitPattern: number), "\(run.text)")
    case .sum(let register, let source, let number):
      #expect(after(register) == before(source) &+ UInt64(bitPattern: number), "\(run.text)")
    case .align(let register, let mask):
      #expect(after(register) == before(register) & UInt64(bitPattern: mask), "\(run.text)")
    case .exchange(let first, let second):
      #expect(after(first) == before(second) && after(second) == before(first), "\(run.text)")
    case .push, .pushShort:
      #expect(after(.rsp) == before(.rsp) - (run.instruction.effect == .pushShort ? 2 : 8), "\(run.text)")
    case .pop(let register): if register != .rsp { #expect(after(.rsp) == before(.rsp) + 8, "\(run.text)") }
    case .popElsewhere: #expect(after(.rsp) == before(.rsp) + 8, "\(run.text)")
    case .nothing: #expect(run.after == run.before, "\(run.text)")
    default: break
    }
  }

  /// Each once: those that go on, and name no memory, no flags that trap and no base of a segment.
  private func instructions(of paths: [String]) throws -> [(bytes: [UInt8], text: String)] {
    let disassembler = Disassembler()
    var seen: Set<[UInt8]> = []
    var found: [(bytes: [UInt8], text: String)] = []
    for path in paths {
      let elf = try RealFile.elf(path)
      let text = try #require(elf.section(named: ".text"))
      let code = try elf.contents(of: text)
      var problems: [ELFError] = []
      let table = CallFrameTable(of: elf, problems: &problems)
      for fde in table.fdes where text.range?.contains(fde.addresses.lowerBound) == true {
        var offset = Int(fde.addresses.lowerBound - text.address)
        let end = min(code.count, offset + fde.addresses.count)
        while offset < end {
          let instruction = disassembler.instruction(code, at: offset, address: text.address + UInt64(offset))
          let bytes = Array(code[offset..<min(code.count, offset + Int(instruction.length))])
          offset += bytes.count
          guard instruction.flow == .next, seen.insert(bytes).inserted, found.count < 20_000 else { continue }
          _ = disassembler.decode(bytes, at: 0, address: 0)
          let words = String(decoding: disassembler.text[..<disassembler.textCount], as: UTF8.self)
          if words.contains("[") || ["popf", "wrfs", "wrgs", "wrpkru", "rdpkru"].contains(where: words.hasPrefix) {
            continue
          }
          found.append((bytes, words))
        }
      }
    }
    return found
  }

  private func execute(_ instructions: [(bytes: [UInt8], text: String)]) throws -> [Run] {
    let directory = try TemporaryDirectory()
    let lines = instructions.map { one in one.bytes.map { String($0, radix: 16) }.joined(separator: " ") }
    try directory.write(lines.joined(separator: "\n") + "\n", to: "bytes")
    let source = try directory.write(Self.program, to: "run.c")
    let compiled = try run("gcc", ["-O1", "-no-pie", "-o", directory.file("run"), source])
    try #require(compiled.succeeded, "\(compiled.report)")
    let result = try run(directory.file("run"), [directory.file("bytes")])
    try #require(result.succeeded, "\(result.report)")
    let disassembler = Disassembler()
    return result.lines.compactMap { line in
      let fields = line.split(separator: " ").compactMap { UInt64($0, radix: 16) }
      guard fields.count == 33 else { return nil }
      let one = instructions[Int(fields[0])]
      return Run(
        instruction: disassembler.instruction(one.bytes, at: 0, address: 0), text: one.text,
        before: Array(fields[1..<17]), after: Array(fields[17..<33]))
    }
  }

  /// Executes each line of bytes three times between loading and storing all general registers.
  private static let program = """
    #define _GNU_SOURCE
    #include <setjmp.h>
    #include <signal.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/mman.h>
    unsigned long before[16], after[16], target, saved;
    void execute(void);
    extern char done[];
    // By DWARF number: rax rdx rcx rbx rsi rdi rbp rsp r8 ... r15.
    __asm__(".text\\nexecute: push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\\n"
            "mov %rsp, saved(%rip); mov %rsp, before+56(%rip); sub $4096, before+56(%rip)\\n"
            "mov before(%rip), %rax; mov before+8(%rip), %rdx; mov before+16(%rip), %rcx; mov before+24(%rip), %rbx\\n"
            "mov before+32(%rip), %rsi; mov before+40(%rip), %rdi; mov before+48(%rip), %rbp; mov before+56(%rip), %rsp\\n"
            "mov before+64(%rip), %r8; mov before+72(%rip), %r9; mov before+80(%rip), %r10; mov before+88(%rip), %r11\\n"
            "mov before+96(%rip), %r12; mov before+104(%rip), %r13; mov before+112(%rip), %r14; mov before+120(%rip), %r15\\n"
            "jmp *target(%rip)\\n"
            ".globl done\\ndone: mov %rax, after(%rip); mov %rdx, after+8(%rip); mov %rcx, after+16(%rip)\\n"
            "mov %rbx, after+24(%rip); mov %rsi, after+32(%rip); mov %rdi, after+40(%rip); mov %rbp, after+48(%rip)\\n"
            "mov %rsp, after+56(%rip); mov %r8, after+64(%rip); mov %r9, after+72(%rip); mov %r10, after+80(%rip)\\n"
            "mov %r11, after+88(%rip); mov %r12, after+96(%rip); mov %r13, after+104(%rip); mov %r14, after+112(%rip)\\n"
            "mov %r15, after+120(%rip); mov saved(%rip), %rsp; cld; emms\\n"
            "pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx; ret\\n");
    static sigjmp_buf back;
    static void trapped(int signal) { __asm__("cld"); siglongjmp(back, signal); }
    static unsigned long seed = 88172645463325252;
    static unsigned long next(void) { seed ^= seed << 13; seed ^= seed >> 7; return seed ^= seed << 17; }
    int main(int argc, char **argv) {
      unsigned char *code = mmap(0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
      sigaltstack(&stack, 0);
      struct sigaction action = {.sa_handler = trapped, .sa_flags = SA_ONSTACK};
      for (int signal = 1; signal < 32; ++signal)
        if (signal == SIGSEGV || signal == SIGILL || signal == SIGFPE || signal == SIGBUS || signal == SIGTRAP)
          sigaction(signal, &action, 0);
      FILE *file = fopen(argv[1], "r");
      static char line[256];
      for (unsigned index = 0; fgets(line, sizeof line, file); ++index) {
        int size = 0, used;
        unsigned byte;
        for (char *text = line; sscanf(text, "%x%n", &byte, &used) == 1; text += used) code[size++] = byte;
        memcpy(code + size, "\\xff\\x25\\0\\0\\0\\0", 6);
        void *end = done;
        memcpy(code + size + 6, &end, 8);
        for (int round = 0; round < 3; ++round) {
          for (int n = 0; n < 16; ++n) before[n] = next();
          target = (unsigned long)code;
          if (sigsetjmp(back, 1)) continue;
          execute();
          printf("%x", index);
          for (int n = 0; n < 16; ++n) printf(" %lx", before[n]);
          for (int n = 0; n < 16; ++n) printf(" %lx", after[n]);
          puts("");
        }
      }
    }

    """
}
