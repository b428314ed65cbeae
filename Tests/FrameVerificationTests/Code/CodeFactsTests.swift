import CallFrameInfo
import FrameVerification
import Instructions
import TestSupport
import Testing

@Suite struct CodeFactsTests {
  /// Code and facts of a file.
  struct Known {
    let elf: ELFFile
    let reader: CodeReader
    let facts: CodeFacts
    let table: CallFrameTable

    init(_ path: String, names: [(address: UInt64, rawName: String)] = []) throws {
      elf = try RealFile.elf(path)
      var lines: [String] = []
      var problems: [ELFError] = []
      reader = CodeReader(elf, sections: CodeSection.all(of: elf, problems: &lines))
      facts = CodeFacts(of: elf, names: names, reader: reader, problems: &problems)
      table = CallFrameTable(of: elf, problems: &problems)
      try #require(lines.isEmpty && problems.isEmpty, "\(lines) \(problems)")
    }

    /// Where direct calls and jumps of all functions lead in `.plt` and its kin.
    var calledStubs: Set<UInt64> {
      let stubs = elf.sections.filter { $0.name.hasPrefix(".plt") }.compactMap(\.range)
      var called: Set<UInt64> = []
      for fde in table.fdes where !stubs.contains(where: { $0.overlaps(fde.addresses) }) {
        for instruction in reader.code(of: fde.addresses).instructions {
          switch instruction.flow {
          case .call(let target?), .jump(let target?), .branch(let target?):
            if stubs.contains(where: { $0.contains(target) }) { called.insert(target) }
          default: break
          }
        }
      }
      return called
    }
  }

  static let linkings: [[String]] = [
    [], ["-fcf-protection=full", "-Wl,-z,ibtplt"], ["-Wl,-z,now"],
    ["-Wl,-z,now", "-fcf-protection=full", "-Wl,-z,ibtplt"],
    ["-fuse-ld=lld"], ["-fuse-ld=gold"], ["-no-pie"],
  ]

  @Test(arguments: linkings) func eachStubThatIsCalledHasAName(_ options: [String]) throws {
    let directory = try TemporaryDirectory()
    let source = try directory.write(
      """
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>
      void *volatile taken[] = {puts, free};
      int main(int argc, char **argv) {
        if (argc > 7) abort();
        void *(*make)(size_t) = malloc;
        taken[argc] = make;
        printf("%zu %d\\n", strlen(argv[0]), atoi(argv[0]));
        free(malloc(strlen(argv[1])));
        if (argc > 5) exit(3);
        return system(argv[0]);
      }

      """, to: "stubs.c")
    let program = directory.file("stubs")
    let result = try run("gcc", ["-O1", "-fno-builtin", source, "-o", program] + options)
    try #require(result.succeeded, "\(result.report)")
    let known = try Known(program)
    let names = known.calledStubs.map { known.facts.stubName(at: $0) ?? "none at \($0)" }
    #expect(Set(names).isSuperset(of: ["abort", "strlen", "strtol", "system", "exit"]), "\(names)")
    #expect(!names.contains { $0.hasPrefix("none") }, "\(names)")
    for stub in known.calledStubs {
      #expect(known.facts.neverReturns(stub) == ["abort", "exit"].contains(known.facts.stubName(at: stub)))
    }
  }

  @Test(arguments: ["libstdc++.so.6", "libc.so.6", "libgcc_s.so.1"])
  func eachStubThatALibraryCallsHasAName(_ name: String) throws {
    let known = try Known("/usr/lib/x86_64-linux-gnu/\(name)")
    // glibc's own stubs lead to functions that are chosen when it is loaded, which have no name there.
    guard name != "libc.so.6" else {
      #expect(known.facts.usesCallSites(known.table.cies[0]) != true)
      return
    }
    #expect(!known.calledStubs.isEmpty)
    for stub in known.calledStubs { #expect(known.facts.stubName(at: stub) != nil, "\(stub)") }
  }

  @Test func labelsAreWhereFunctionsBegin() throws {
    let known = try Known(
      "/usr/lib/x86_64-linux-gnu/libgcc_s.so.1", names: [(0x30, "c"), (0x10, "a"), (0x20, "abort")])
    #expect(Array(known.facts.labels(in: 0x10..<0x30)) == [0x10, 0x20])
    #expect(known.facts.labels(in: 0x11..<0x20).isEmpty)
    #expect(known.facts.labels(in: 0x20..<0x20).isEmpty)
    #expect(Array(known.facts.labels(in: 0..<UInt64.max)) == [0x10, 0x20, 0x30])
    #expect(known.facts.isFunction(0x20) && !known.facts.isFunction(0x21))
    #expect(known.facts.neverReturns(0x20) && !known.facts.neverReturns(0x10))
  }

  @Test func noInstructionGoesOnIntoAFunction() throws {
    let path = "/usr/lib/x86_64-linux-gnu/libgcc_s.so.1"
    let known = try Known(path)
    let code = known.reader.code(of: known.table.fdes[known.table.fdes.count / 2].addresses)
    let long = try #require(code.instructions.first { $0.length > 3 })
    var lines: [String] = []
    let reader = CodeReader(
      known.elf, sections: CodeSection.all(of: known.elf, problems: &lines), labels: [long.address + 2])
    let cut = reader.code(of: long.address..<long.end)
    #expect(cut.instructions[0] == Instruction(address: long.address, length: 1, flow: .undecodable))
    #expect(cut.index(at: long.address + 2) != nil)
  }
}
