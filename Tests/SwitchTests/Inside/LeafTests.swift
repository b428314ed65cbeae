internal import TestSupport
import Testing

@Suite("Functions that seem to call nothing but suspend")
struct LeafTests {
  /// How the program is built.
  struct Build: Sendable, CustomTestStringConvertible {
    var compiler: ProgramBuilder.Compiler
    var flags: [String]

    static let all = ProgramBuilder.Compiler.allCases.flatMap { compiler in
      ["-O0", "-O1", "-O2", "-O3", "-Os"].flatMap { level in
        [[level], [level, "-mavx512f"], [level, "-fno-omit-frame-pointer"]].map { Build(compiler: compiler, flags: $0) }
      }
    }

    var testDescription: String { "\(compiler) \(flags.joined(separator: " "))" }
  }

  private static let functions: Set = [
    "whole_numbers", "small_numbers", "doubles", "extended", "vectors", "small_array", "aligned_and_sized",
    "ft_suspend",
  ]

  /// Instructions of the program by function.
  private func listing(of program: String) async throws -> [String: [String]] {
    let result = try await CommandQueue.run("objdump", ["-d", "--no-show-raw-insn", program])
    try #require(result.succeeded, "\(result.report)")
    var listing: [String: [String]] = [:]
    var function = ""
    for line in result.output.split(separator: "\n") {
      if line.hasSuffix(">:"), let start = line.firstIndex(of: "<") {
        // `name.cold` is a part of `name`.
        function = String(line[line.index(after: start)...].prefix { $0 != ">" && $0 != "." })
      } else if let tab = line.firstIndex(of: "\t") {
        listing[function, default: []].append(line[tab...].split(separator: " ").joined(separator: " "))
      }
    }
    return listing
  }

  private func isBelowStackPointer(_ instruction: String) -> Bool { instruction.contains(/-0x[0-9a-f]+\(%rsp/) }

  @Test("keep every variable across it, and none below rsp", arguments: Build.all)
  func keepVariables(_ build: Build) async throws {
    let builder = try ProgramBuilder()
    let program = try await builder.build(["leaves.c"], named: "leaves", with: build.compiler, flags: build.flags)
    let result = try await CommandQueue.run(program)
    #expect(result.succeeded, "\(result.report)")

    let listing = try await listing(of: program)
    var stores = 0
    for (function, instructions) in listing where Self.functions.contains(function) {
      let below = instructions.filter(isBelowStackPointer)
      #expect(below.allSatisfy { $0.hasSuffix("mov %rcx,-0x8(%rsp)") }, "\(function): \(below)")
      stores += below.count
      // With a frame pointer, variables are found by rbp: rsp must be below them.
      if !below.isEmpty {
        let makesRoom = { (text: String) in text.contains("push ") || text.contains("sub ") && text.hasSuffix(",%rsp") }
        #expect(instructions.contains(where: makesRoom), "\(function)")
      }
    }
    #expect(stores > 0)
    // Without that, the test would prove nothing: where nothing is called, both compilers do use what is below rsp.
    if !build.flags.contains("-O0"), !build.flags.contains("-fno-omit-frame-pointer") {
      #expect(listing["control"]?.contains(where: isBelowStackPointer) == true)
    }
  }
}
