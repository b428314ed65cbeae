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
    let tables = JumpTables(known.elf)
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

  @Test func tablesOfALibraryAreFound() throws {
    let found = try resolved("/usr/lib/x86_64-linux-gnu/libc.so.6")
    #expect(found.counts.count > 50, "\(found.counts.count) resolved, \(found.unresolved.count) not")
  }
}
