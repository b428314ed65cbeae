import Foundation
import TestSupport
import Testing

/// Support/ci/verify, and the commands of Docs/verify-ci.md.
@Suite struct VerifyRecipeTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private static let sound = """
    .text
    .globl f
    .type f, @function
    f: .cfi_startproc
    push %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbx, 0
    pop %rbx
    .cfi_adjust_cfa_offset -8
    ret
    .cfi_endproc
    .size f, . - f
    .section .note.GNU-stack

    """

  /// An object file whose rows are right, or forget a push.
  private func object(isSound: Bool) throws -> String {
    let rows = Self.sound.split(separator: "\n").filter {
      isSound || !$0.hasPrefix(".cfi_adjust") && !$0.hasPrefix(".cfi_rel")
    }
    let source = try directory.write(rows.joined(separator: "\n") + "\n", to: "f.s")
    try #require(run("as", ["-o", directory.file("f.o"), source]).status == 0)
    return directory.file("f.o")
  }

  private func recipe(_ arguments: [String]) throws -> CommandResult {
    try run(
      "\(Package.root)/Support/ci/verify", [directory.file("reports")] + arguments,
      environment: ["FIBERTRACE": Package.product("fibertrace")])
  }

  private func report(_ name: String) throws -> String {
    try String(contentsOf: URL(filePath: directory.file("reports/\(name)")), encoding: .utf8)
  }

  @Test(arguments: [true, false])
  func `each report says the same, and so does the exit code`(_ isSound: Bool) throws {
    let result = try recipe([object(isSound: isSound)])
    #expect(result.status == (isSound ? 0 : 1))
    #expect(try report("verify.txt") == result.output)
    #expect(result.output.contains("error: cfa-wrong in f+1") == !isSound)
    #expect(try report("verify.sarif").contains(#""ruleId":"cfa-wrong""#) == !isSound)
    #expect(try report("verify.xml").contains("<failure") == !isSound)
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.file("reports"))
    #expect(names.sorted() == ["verify.sarif", "verify.txt", "verify.xml"])
  }

  @Test func `options reach the command`() throws {
    let file = try object(isSound: false)
    let list = try directory.write("cfa-wrong f it is meant so\n", to: "allowed.txt")
    let result = try recipe(["--suppressions", list, file])
    #expect(result.status == 0)
    #expect(try report("verify.xml").contains("suppressed: it is meant so"))
  }

  @Test func `a file that is not there is reported`() throws {
    #expect(try recipe([directory.file("none")]).status == 3)
    #expect(try report("verify.sarif").contains(#""executionSuccessful":false"#))
  }

  @Test func `wrong usage leaves no reports of an earlier run`() throws {
    #expect(try recipe([object(isSound: true)]).status == 0)
    #expect(try recipe(["--no-such-option", directory.file("f.o")]).status == 64)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("reports")) == [])
    #expect(try run("\(Package.root)/Support/ci/verify").status == 64)
  }

  @Test func `the page's commands work where a project is`() throws {
    let page = try String(contentsOf: URL(filePath: "\(Package.root)/Docs/verify-ci.md"), encoding: .utf8)
    let blocks = page.matches(of: /```sh\n(.*?)```/.dotMatchesNewlines()).map { String($0.1) }
    #expect(blocks.count == 2)
    let file = try object(isSound: false)
    try FileManager.default.createSymbolicLink(atPath: directory.file("fibertrace"), withDestinationPath: Package.root)
    try FileManager.default.createDirectory(atPath: directory.file("build"), withIntermediateDirectories: false)
    try FileManager.default.moveItem(atPath: file, toPath: directory.file("build/server"))
    let programs = URL(filePath: try Package.product("fibertrace")).deletingLastPathComponent().path
    let statuses = try blocks.map {
      try run(
        "bash", ["-e", "-c", $0], environment: ["PATH": "\(programs):/usr/bin:/bin"], directory: directory.path
      ).status
    }
    // The first finds what is wrong, the second knows it.
    #expect(statuses == [1, 0])
  }
}
