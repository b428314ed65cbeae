import Foundation
import TestSupport
import Testing

/// What is synthesized recovers the same values as the rows of compilers.
struct CompilersRowsTests {
  /// Libraries that are small, of C in all its forms; Docs/synthesis.md has the large ones.
  @Test(arguments: ["libm.so.6", "libgcc_s.so.1", "libz.so.1", "libtinfo.so.6"])
  func ofLibrariesNearlyAllAgree(_ name: String) throws {
    try expect("/lib/x86_64-linux-gnu/\(name)", agreeing: 0.97)
  }

  /// GCC's rows of frames that realign the stack are wrong in epilogues, from `pop rbp` on; all others agree.
  @Test(
    arguments: [
      ["gcc", "-O0", "frames.c"], ["gcc", "-O2", "frames.c"], ["clang", "-O0", "frames.c"],
      ["clang", "-O2", "-fomit-frame-pointer", "frames.c"], ["g++", "-O0", "exceptions.cpp"],
      ["g++", "-O2", "exceptions.cpp"], ["clang++", "-Os", "exceptions.cpp"],
      ["swiftc", "-O", "-parse-as-library", "kinds.swift"],
    ])
  func ofProgramsNearlyAllAgree(_ command: [String]) throws {
    let directory = try TemporaryDirectory()
    let program = directory.file("program")
    let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "MutationTests/Programs/\(command[command.count - 1])").path
    let built = try run(command[0], Array(command.dropFirst().dropLast()) + ["-o", program, source])
    try #require(built.succeeded, "\(built.report)")
    try expect(program, agreeing: 0.9)
  }

  private func expect(_ path: String, agreeing share: Double) throws {
    let result = try run(Package.product("fibertrace"), ["cfi", "--synthesize", path, "--json"])
    #expect(result.succeeded, "\(result.report)")
    let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    let functions = try #require(document?["functions"] as? Int)
    let agreeing = try #require((document?["outcomes"] as? [String: Int])?["agrees"])
    #expect(functions > 20)
    #expect(Double(agreeing) >= share * Double(functions), "\(agreeing) of \(functions): \(result.output)")
  }
}
