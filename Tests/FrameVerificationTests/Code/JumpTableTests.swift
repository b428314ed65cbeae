import CallFrameInfo
import FrameVerification
import Instructions
import TestSupport
import Testing

@Suite struct JumpTableTests {
  static let builds: [[String]] = [
    ["gcc", "-O2"], ["gcc", "-O2", "-no-pie", "-fno-pie"], ["gcc", "-O1", "-fcf-protection=full"],
    ["clang", "-O2"], ["clang", "-O2", "-no-pie", "-fno-pie"], ["clang", "-O1", "-fcf-protection=full"],
  ]

  @Test(arguments: builds) func eachCaseOfASwitchIsATarget(_ build: [String]) throws {
    let cases = (0..<12).map { "case \($0): asm volatile(\"nop\" : : \"i\"(\($0))); g(); x = h(x) * \($0 + 3); break;" }
    let directory = try TemporaryDirectory()
    let source = try directory.write(
      """
      void g(void) { asm volatile(""); }
      int h(int x) { asm volatile("" : "+r"(x)); return x; }
      __attribute__((noinline)) int f(unsigned n, int x) {
        switch (n) { \(cases.joined(separator: " ")) default: return 7; }
        return x;
      }
      int main(int argc, char **argv) { return f(argc, argc); }

      """, to: "f.c")
    let program = directory.file("f")
    let result = try run(build[0], build.dropFirst() + [source, "-o", program])
    try #require(result.succeeded, "\(result.report)")
    let found = try resolved(program)
    #expect(found.unresolved.isEmpty)
    #expect(found.counts == [12])
  }

  /// Numbers of targets of each jump that is resolved, and addresses of the others that are no stubs, of all functions.
  private func resolved(_ path: String) throws -> (counts: [Int], unresolved: [UInt64]) {
    let known = try CodeFactsTests.Known(path)
    let tables = JumpTables(known.elf, known.facts.references)
    var counts: [Int] = []
    var unresolved: [UInt64] = []
    let text = known.elf.section(named: ".text")?.range ?? 0..<0
    for fde in known.table.fdes where text.contains(fde.addresses.lowerBound) {
      let code = known.reader.code(of: fde.addresses)
      for (index, instruction) in code.instructions.enumerated() {
        guard case .indirectJump = instruction.flow else { continue }
        // What crt files have leads to imported functions.
        if case .indirectJump(let slot?) = instruction.flow, known.facts.importedName(inSlot: slot) != nil { continue }
        if let targets = tables.targets(of: index, in: code) {
          counts.append(targets.count)
        } else {
          unresolved.append(instruction.address)
        }
      }
    }
    return (counts, unresolved)
  }

  /// Program source, the build, and how many addresses each of its jumps leads to.
  struct Sample: CustomTestStringConvertible {
    var testDescription: String
    var compiler: [String]
    var source: String
    var counts: [Int]
  }

  private static let helpers = """
    void g(int n) { asm volatile("" : : "r"(n)); }
    int h(int x) { asm volatile("" : "+r"(x)); return x; }

    """
  private static let cases = (0..<9).map { "case \($0): g(\($0 * 3)); x += h(\($0 + 40)); break;" }.joined()

  static let samples: [Sample] = [
    Sample(
      testDescription: "values that cannot occur have no comparison", compiler: ["clang", "-O2"],
      source: """
        __attribute__((noinline)) int f(unsigned char *n, int x) { switch (*n) { \(cases) default: __builtin_unreachable(); } return x; }
        int main(int c, char **v) { return f((unsigned char *)v, c); }

        """, counts: [9]),
    Sample(
      testDescription: "the table's address is loaded before a loop", compiler: ["gcc", "-O2"],
      source: """
        __attribute__((noinline)) int f(unsigned *n, int x) { while (*n++ != 77) switch (*n) { \(cases) default: g(1); } return x; }
        int main(int c, char **v) { return f((unsigned *)v, c); }

        """, counts: [9]),
    Sample(
      testDescription: "the comparison is with memory", compiler: ["gcc", "-Os"],
      source: """
        __attribute__((noinline)) int f(unsigned *n, int x) { switch (n[3]) { \(cases) default: g(1); } return x; }
        int main(int c, char **v) { return f((unsigned *)v, c); }

        """, counts: [9]),
    Sample(
      testDescription: "labels of a computed goto, which the dynamic linker moves",
      compiler: ["gcc", "-O2", "-fPIE", "-pie"],
      source: """
        __attribute__((noinline)) int f(unsigned char *n, int x) {
          static const void *const labels[] = {&&a, &&b, &&c, &&d};
          goto *labels[*n++];
        a: g(1); x += h(1); goto *labels[*n++];
        b: g(2); x ^= h(2); goto *labels[*n++];
        c: g(3); x *= h(3); goto *labels[*n++];
        d: return x;
        }
        int main(int c, char **v) { return f((unsigned char *)v, c); }

        """, counts: [4, 4, 4, 4]),
    Sample(
      testDescription: "another table follows before the comparison's number is reached",
      compiler: ["gcc", "-x", "assembler"],
      source: """
          .globl main
        main:
          .cfi_startproc
          lea second(%rip), %rdx
          cmp $7, %edi
          ja 9f
          mov %edi, %eax
          lea first(%rip), %rdx
          movslq (%rdx,%rax,4), %rax
          add %rdx, %rax
          jmp *%rax
        1: nop
        2: nop
        3: ret
        4: nop
        9: ret
          .cfi_endproc
          .section .rodata
        first: .long 1b - first, 2b - first
        second: .long 3b - second, 4b - second, 9b - second, 9b - second, 9b - second, 9b - second
          .section .note.GNU-stack, "", @progbits

        """, counts: [2]),
    Sample(
      testDescription: "what leads to the function's end stands for what cannot occur",
      compiler: ["gcc", "-x", "assembler"],
      source: """
          .globl main
        main:
          .cfi_startproc
          mov %edi, %eax
          lea table(%rip), %rdx
          movslq (%rdx,%rax,4), %rax
          add %rdx, %rax
          jmp *%rax
        1: nop
        2: ret
          .cfi_endproc
        3: int3
          .section .rodata
        table: .long 1b - table, 3b - table, 2b - table
        text: .ascii "Some words, no code"
          .section .note.GNU-stack, "", @progbits

        """, counts: [2]),
  ]

  @Test(arguments: samples) func `a table is read as far as it goes`(_ sample: Sample) throws {
    let directory = try TemporaryDirectory()
    let isAssembly = sample.compiler.contains("assembler")
    let source = try directory.write((isAssembly ? "" : Self.helpers) + sample.source, to: "f.c")
    let program = directory.file("f")
    let result = try run(sample.compiler[0], sample.compiler.dropFirst() + [source, "-o", program])
    try #require(result.succeeded, "\(result.report)")
    let found = try resolved(program)
    #expect(found.unresolved.isEmpty)
    #expect(found.counts == sample.counts)
  }

  @Test func `a table of which the address may be another's is not resolved`() throws {
    let directory = try TemporaryDirectory()
    let source = try directory.write(
      """
        .globl main
      main:
        .cfi_startproc
        lea first(%rip), %rdx
        test %esi, %esi
        je 5f
        lea second(%rip), %rdx
      5: movslq (%rdx,%rdi,4), %rax
        add %rdx, %rax
        jmp *%rax
      1: nop
      2: ret
        .cfi_endproc
        .section .rodata
      first: .long 1b - first
      second: .long 2b - second
        .section .note.GNU-stack, "", @progbits

      """, to: "f.s")
    let program = directory.file("f")
    let result = try run("gcc", [source, "-o", program])
    try #require(result.succeeded, "\(result.report)")
    let found = try resolved(program)
    #expect(found.counts.isEmpty)
    #expect(found.unresolved.count == 1)
  }

  @Test func tablesOfALibraryAreFound() throws {
    let found = try resolved("/usr/lib/x86_64-linux-gnu/libc.so.6")
    #expect(found.counts.count > 50, "\(found.counts.count) resolved, \(found.unresolved.count) not")
  }
}
