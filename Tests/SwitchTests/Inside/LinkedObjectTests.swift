internal import Foundation
internal import TestSupport
import Testing

@Suite("What the linker and other compilers see of the switch")
struct LinkedObjectTests {
  private func readelf(_ options: String, _ file: String) async throws -> String {
    let result = try await CommandQueue.run("readelf", [options, file])
    try #require(result.succeeded, "\(result.report)")
    return result.output
  }

  @Test("A program with the switch has no executable stack", arguments: ProgramBuilder.Compiler.allCases)
  func stackIsNotExecutable(_ compiler: ProgramBuilder.Compiler) async throws {
    let builder = try ProgramBuilder()
    let program = try await builder.build(
      ["inside_caller.c"], named: "inside_caller", with: compiler, flags: ["-DWRAPPED"])
    let stack = try await readelf("-lW", program).split(separator: "\n").filter { $0.contains("GNU_STACK") }
    #expect(stack.count == 1)
    #expect(stack.first?.split(separator: " ").dropFirst(6).first == "RW", "\(stack)")
  }

  @Test("The object claims indirect branch tracking and no shadow stack")
  func propertyIsTrue() async throws {
    let builder = try ProgramBuilder()
    let object = builder.path("switch.o")
    let source = ProgramBuilder.switchSources.appending(path: "fiber_x86_64.S").path
    let include = ProgramBuilder.switchSources.appending(path: "include").path
    let assembled = try await CommandQueue.run("gcc", ["-c", source, "-I", include, "-o", object])
    try #require(assembled.succeeded, "\(assembled.report)")
    let notes = try await readelf("-nW", object)
    #expect(notes.contains("Properties: x86 feature: IBT\n"), "\(notes)")
  }

  @Test("A base frame is a signal frame with a personality")
  func baseFrameIsMarked() async throws {
    let builder = try ProgramBuilder()
    let program = try await builder.build(["inside_caller.c"], named: "inside_caller", with: .clang)
    let frames = try await readelf("--debug-dump=frames", program)
    #expect(frames.contains("Augmentation:          \"zPRS\""), "no CIE has personality, encoding and signal frame")
  }

  @Test("Arguments arrive in r12 and r13")
  func argumentsArriveInRegisters() async throws {
    let builder = try ProgramBuilder()
    let program = try await builder.build(["inside_caller.c"], named: "inside_caller", with: .clang)
    let result = try await CommandQueue.run(program)
    #expect(result.output == "11 25\n", "\(result.report)")
    let code = try await CommandQueue.run(
      "objdump", ["-d", "--no-show-raw-insn", "--disassemble=call_switch", program]
    ).output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    let call = try #require(code.firstIndex { $0.contains("call") && $0.contains("<ft_fiber_resume>") }, "\(code)")
    #expect(code[..<call].contains { $0.hasSuffix("mov %rdi,%r12") }, "\(code)")
    #expect(code[..<call].contains { $0.hasSuffix("mov %rsi,%r13") }, "\(code)")
  }

  @Test("A compiler without preserve_none refuses the raw symbol and takes the wrapper")
  func rawSymbolIsRefused() async throws {
    let builder = try ProgramBuilder()
    await #expect {
      try await builder.build(["inside_caller.c"], named: "raw", with: .gcc)
    } throws: { error in
      "\(error)".contains("this compiler lacks preserve_none: call ft_resume")
    }
    let wrapped = try await builder.build(["inside_caller.c"], named: "wrapped", with: .gcc, flags: ["-DWRAPPED"])
    #expect(try await CommandQueue.run(wrapped).output == "11 25\n")
  }

  @Test("Swift can call the wrappers and not the raw symbol")
  func swiftIsKeptFromRawSymbol() async throws {
    let builder = try ProgramBuilder()
    let header = ProgramBuilder.switchSources.appending(path: "include/CFiberAsm.h").path
    let map = "module CFiberAsm {\n  header \"\(header)\"\n  export *\n}\n"
    try map.write(toFile: builder.path("module.modulemap"), atomically: true, encoding: .utf8)

    func check(_ function: String) async throws -> CommandResult {
      let source = """
        import CFiberAsm
        func call(_ record: UnsafeMutablePointer<ft_record>) { _ = \(function)(record, nil) }

        """
      let file = builder.path("\(function).swift")
      try source.write(toFile: file, atomically: true, encoding: .utf8)
      let modules = URL(filePath: file).deletingLastPathComponent().path
      return try await CommandQueue.run("swiftc", ["-typecheck", file, "-I", modules, "-module-cache-path", modules])
    }
    for wrapper in ["ft_resume", "ft_suspend", "ft_fiber_resume_c"] {
      let result = try await check(wrapper)
      #expect(result.succeeded, "\(result.report)")
    }
    let result = try await check("ft_fiber_resume")
    #expect(!result.succeeded)
    #expect(result.errors.contains("'ft_fiber_resume' is unavailable"), "\(result.report)")
  }
}
