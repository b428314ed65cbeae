import Foundation
import TestSupport
import Testing

private let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/valgrind")

@Suite(
  "Under valgrind",
  .enabled(if: isInstalled, "valgrind is not installed: Scripts/install-dependencies --tests"),
  .enabled(if: Sanitizer.isNone, "valgrind cannot run programs with a sanitizer"))
struct ValgrindTests {
  @Test(
    "the samples have no error and no leak, and no stack is unknown",
    arguments: [
      ("ring", []), ("nested", []), ("generator", []), ("threads", ["--rounds", "20"]), ("crowd", ["--fibers", "50"]),
    ])
  func clean(name: String, arguments: [String]) throws {
    let directory = try TemporaryDirectory()
    // valgrind 3.19 cannot read the debug information of Swift's compiler, and ends.
    let program = directory.file(name)
    #expect(try run("/usr/bin/strip", ["--strip-debug", "-o", program, Package.product(name)]).status == 0)
    let result = try run(
      "/usr/bin/valgrind",
      [
        "--quiet", "--error-exitcode=99", "--suppressions=\(Package.root)/Support/valgrind.supp",
        "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite", program,
      ] + arguments)
    #expect(result.status == 0 && !result.wasSignalled && result.errors.isEmpty, "\(result.report)")
    #expect(!result.output.isEmpty)
  }
}
