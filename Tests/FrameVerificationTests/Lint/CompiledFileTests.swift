import CallFrameInfo
import Foundation
import FrameVerification
import TestSupport
import Testing

/// What compilers and linkers make of the smallest programs has no errors.
@Suite struct CompiledFileTests {
  struct Recipe: Sendable, CustomTestStringConvertible {
    var compiler: String
    var options: [String]
    var testDescription: String { ([compiler] + options).joined(separator: " ") }
  }

  static let recipes: [Recipe] = {
    let forAll: [[String]] = [
      ["-c"], [], ["-static"], ["-shared", "-fPIC"], ["-fuse-ld=gold"], ["-fuse-ld=bfd"], ["-O2", "-g"],
      ["-O2", "-g", "-ffunction-sections", "-Wl,--gc-sections", "-fno-asynchronous-unwind-tables"],
      ["-nostdlib", "-nostartfiles", "-Wl,-e,main", "-fno-exceptions"],
    ]
    let c = ["gcc", "clang"].flatMap { compiler in forAll.map { Recipe(compiler: compiler, options: $0) } }
    let linkers = [["-static-pie"], ["-fuse-ld=lld"]]
    return c + [Recipe(compiler: "gcc", options: linkers[0]), Recipe(compiler: "clang", options: linkers[1])]
  }()

  @Test(arguments: recipes)
  func `int main() {} has no errors, nor has it stripped or its debug information alone`(_ recipe: Recipe) throws {
    let directory = try TemporaryDirectory()
    let source = try directory.write("int main() { return 0; }\n", to: "main.c")
    try check(recipe, source, directory)
  }

  @Test(arguments: [("g++", ["-c"]), ("g++", []), ("g++", ["-static"]), ("clang++", ["-c"]), ("clang++", ["-O2"])])
  func `a program that throws has no errors`(_ compiler: String, _ options: [String]) throws {
    let directory = try TemporaryDirectory()
    let source = try directory.write(
      "struct Guard { ~Guard() {} };\nvoid fail() { Guard g; throw 1; }\n"
        + "int main() { try { fail(); } catch (int n) { return n - 1; } }\n", to: "main.cc")
    try check(Recipe(compiler: compiler, options: options), source, directory)
  }

  private func check(_ recipe: Recipe, _ source: String, _ directory: TemporaryDirectory) throws {
    let file = directory.file("file")
    let built = try run("/usr/bin/env", [recipe.compiler] + recipe.options + [source, "-o", file])
    try #require(built.succeeded, "\(recipe.testDescription): \(built.report)")
    let made = [["cp"], ["strip", "-o"], ["objcopy", "--only-keep-debug"]].enumerated()
    for (number, words) in made {
      let copy = directory.file("copy\(number)")
      let arguments = words[0] == "strip" ? [copy, file] : [file, copy]
      let result = try run("/usr/bin/\(words[0])", words.dropFirst() + arguments)
      try #require(result.succeeded, "\(words): \(result.report)")
      let linted = try Linted([UInt8](Data(contentsOf: URL(filePath: copy))), name: copy)
      let errors = linted.findings.filter { $0.severity == .error }
      #expect(errors.isEmpty, "\(words) \(recipe.testDescription): \(errors.map(\.line))")
    }
  }
}
