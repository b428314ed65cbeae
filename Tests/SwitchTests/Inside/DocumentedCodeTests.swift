internal import Foundation
internal import TestSupport
internal import Testing

/// C code shown in documents, as it is shown.
@Suite("C code in the documentation")
struct DocumentedCodeTests {
  @Test("of the README builds without a warning and runs", arguments: ProgramBuilder.Compiler.allCases)
  func readme(compiler: ProgramBuilder.Compiler) async throws {
    let builder = try ProgramBuilder()
    let source = builder.path("program.c")
    try Data(code(in: "README.md", prefix: "").utf8).write(to: URL(filePath: source))
    let program = try await builder.build([source], named: "program", with: compiler)
    let result = try await CommandQueue.run(program, [])
    #expect(result.succeeded)
    #expect(
      result.output == """
        fiber: started with one
        a first value
        fiber: resumed with two
        a last value

        """)
  }

  @Test("at the head of the registry's header compiles without a warning", arguments: ProgramBuilder.Compiler.allCases)
  func registry(compiler: ProgramBuilder.Compiler) async throws {
    let builder = try ProgramBuilder()
    let text = try code(in: "Sources/CFiberAsm/include/FiberTraceRegistry.h", prefix: "///")
    for (suffix, flags) in [("c", ["-std=c11", "-pedantic"]), ("cpp", ["-std=c++11"])] {
      let source = builder.path("runtime.\(suffix)")
      try Data(text.utf8).write(to: URL(filePath: source))
      try await builder.compile(source, to: builder.path("runtime.o"), with: compiler, flags: flags)
    }
  }

  /// The first block of C in a file of the package, each of whose lines begins with `prefix`.
  private func code(in path: String, prefix: String) throws -> String {
    let text = try String(contentsOf: ProgramBuilder.root.appending(path: path), encoding: .utf8)
    let lines = text.components(separatedBy: "\n").map { line in
      line.hasPrefix(prefix) ? String(line.dropFirst(prefix.count).trimmingPrefix(" ")) : line
    }
    let start = try #require(lines.firstIndex(of: "```c"))
    let end = try #require(lines[start...].firstIndex(of: "```"))
    return lines[(start + 1)..<end].joined(separator: "\n") + "\n"
  }
}
