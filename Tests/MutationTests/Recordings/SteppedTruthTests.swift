import ExecutionRecordings
import Foundation
import TestSupport
import Testing

/// The truth that is recorded is the one that programs and a debugger see.
struct SteppedTruthTests {
  /// Writes its CFAs and return addresses to the file named by its argument; sets callee-saved registers before a call.
  private static let source = """
    #include <stdio.h>
    static FILE *file;
    #define NOTE() fprintf(file, "%lx %lx\\n", (long)__builtin_dwarf_cfa(), (long)__builtin_return_address(0))
    __attribute__((noinline)) long deep(long n) {
      NOTE();
      return n == 0 ? 1 : deep(n - 1) * 3 + n;
    }
    __attribute__((noinline)) long variable(long n) {
      volatile char room[n * 16];
      room[n] = 1;
      NOTE();
      return deep(n) + room[n];
    }
    __attribute__((noinline)) long aligned(long n) {
      _Alignas(64) volatile char room[64];
      room[n] = 2;
      NOTE();
      return variable(n) + room[n];
    }
    __attribute__((noinline)) long set(long n) {
      register long result __asm__("rax");
      __asm__ volatile("push %%rbp\\n\\tmov $11, %%ebx\\n\\tmov $22, %%ebp\\n\\tmov $33, %%r12d\\n\\tmov $44, %%r13d\\n\\tmov $55, %%r14d"
                       "\\n\\tmov $66, %%r15d\\n\\tcall aligned\\n\\tpop %%rbp"
                       : "=a"(result), "+D"(n)
                       :: "rbx", "r12", "r13", "r14", "r15", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
      return result;
    }
    int main(int count, char **arguments) {
      (void)count;
      file = fopen(arguments[1], "w");
      NOTE();
      long result = aligned(2) + set(1);
      fclose(file);
      return result == 0;
    }
    """

  @Test(arguments: ["-O0", "-O2", "-Os"])
  func `CFAs and return addresses are those that the program sees itself`(_ level: String) throws {
    let directory = try TemporaryDirectory()
    // No tail calls: what is behind one has no frame to look at. No red zone: a call is made by hand.
    let program = try SampleProgram(
      source: Self.source, ["gcc", level, "-fno-optimize-sibling-calls", "-mno-red-zone"])
    let recording = try Recording(
      running: program.path, arguments: [directory.file("frames")], activationsPerFunction: 10)
    #expect(recording.status == 0)
    let set = try program.addresses(of: "set").lowerBound
    let seen = recording.activations.filter { $0.function != set }.map {
      "\(String($0.cfa, radix: 16)) \(String($0.returnAddress, radix: 16))"
    }
    let said = try String(contentsOfFile: directory.file("frames"), encoding: .utf8).split(separator: "\n")
    #expect(seen == said.map(String.init))
    #expect(seen.count == 10)
  }

  @Test func `registers at entry are what the caller put there`() throws {
    let directory = try TemporaryDirectory()
    let program = try SampleProgram(source: Self.source, ["gcc", "-O1", "-mno-red-zone"])
    let recording = try Recording(running: program.path, arguments: [directory.file("frames")])
    let aligned = try program.addresses(of: "aligned").lowerBound
    let call = try #require(recording.activations.last { $0.function == aligned })
    #expect(RecoveredFrame(of: call).registers == [11, 22, call.cfa, 33, 44, 55, 66])
    #expect(call.recoverable == Activation.calleeSaved)
  }

  /// Where frames lie depends on the length of the environment, which gdb changes: addresses of the stack are taken from main's frame.
  @Test func `gdb sees the same calls`() throws {
    let program = try SampleProgram(named: "structures clang -O2")
    let names = ["inserted", "sifted", "executed", "queens", "distance", "expression", "merged", "walked"]
    let recording = try Recording(running: program.path, activationsPerFunction: 2)
    let directory = try TemporaryDirectory()
    let commands = try directory.write(
      """
      set confirm off
      set pagination off
      break *main
      run > /dev/null
      set $main = $rsp + 8
      printf "= %s %lx %lx\\n", "main", 0, 0
      \(names.map { "break *\($0)\ncommands\nsilent\nprintf \"= %s %lx %lx\\n\", \"\($0)\", $main - $rsp - 8, *(long *)$rsp\ncontinue\nend" }
        .joined(separator: "\n"))
      continue
      """, to: "commands")
    let result = try run("/usr/bin/env", ["gdb", "-nx", "-batch", "-x", commands, program.path])
    var counts: [String: Int] = [:]
    let said = result.lines.filter { $0.hasPrefix("= ") }.map { String($0.dropFirst(2)) }.filter { line in
      let name = String(line.prefix { $0 != " " })
      counts[name, default: 0] += 1
      return counts[name, default: 0] <= 2 && name != "main"
    }
    let main = try program.addresses(of: "main").lowerBound
    let frame = try #require(recording.activations.first { $0.function == main })
    let seen = try recording.activations.compactMap { call -> String? in
      guard let name = try program.names(of: [call.function]).first, names.contains(name) else { return nil }
      return "\(name) \(String(frame.cfa - call.cfa, radix: 16)) \(String(call.returnAddress, radix: 16))"
    }
    #expect(seen == said, "\(result.report)")
    #expect(seen.count >= 12)
  }
}
