import TestSupport
import Testing

@Suite("Several copies of the switch in one process")
struct CopiesTests {
  @Test("Two libraries and the program run fibers of their own copy, and each registry's note is found")
  func copiesWorkSideBySide() async throws {
    let builder = try ProgramBuilder()
    var libraries: [String] = []
    for number in [1, 2] {
      let library = try await builder.build(
        ["inside_copy.c"], named: "libcopy\(number).so", with: number == 1 ? .clang : .gcc,
        flags: ["-shared", "-fPIC", "-DNAME=copy_\(number)", "-DNUMBER=\(number)"])
      let exported = try await CommandQueue.run("nm", ["-D", "--defined-only", "--extern-only", library])
      #expect(exported.output.contains("copy_\(number)"))
      #expect(!exported.output.contains("ft_"), "a symbol of the switch is exported: \(exported.output)")
      libraries.append(library)
    }
    let program = try await builder.build(["inside_copies.c"], named: "inside_copies", with: .clang, flags: ["-ldl"])
    let result = try await CommandQueue.run(program, libraries)
    #expect(result.succeeded, "\(result.report)")
    #expect(
      result.output == """
        copy_1 counts 3
        copy_2 counts 6
        registry FiberTrace: fibers 1, the program's
        registry FiberTrace: fibers 2, a library's
        registry FiberTrace: fibers 2, a library's

        """)
  }
}
