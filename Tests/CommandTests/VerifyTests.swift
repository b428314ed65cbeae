import Foundation
import TestSupport
import Testing

/// `fibertrace verify` as people use it.
@Suite struct VerifyTests {
  @Test func aRefutationIsToldAsAStoryAndGives1() throws {
    let result = try VerifyFixture("wrong").verify("wrong.o")
    #expect(result.status == 1)
    #expect(result.lines.first == "error: cfa-wrong in wrong+1 at 0x1")
    #expect(result.output.contains("The row says CFA = rsp+8"))
    #expect(result.output.contains("push rbx"))
    #expect(result.output.contains(".cfi_def_cfa_offset 16, after 0x0 push rbx"))
    #expect(!result.output.contains("right"))
    #expect(result.errors.wholeMatch(of: /fibertrace: 1 file, 2 FDEs in [0-9.]+ s\n/) != nil, "\(result.errors)")
  }

  @Test func eachOfManyRefutationsInOneFunctionHasItsOwnLines() throws {
    let directory = try TemporaryDirectory()
    let body = (1...500).map { "sub $\(8 * $0), %rsp\nnop\nadd $\(8 * $0), %rsp\n" }.joined()
    let source = try directory.write(
      ".text\n.globl f\n.type f, @function\nf:\n.cfi_startproc\n\(body)ret\n.cfi_endproc\n.size f, . - f\n",
      to: "many.s")
    #expect(try run("/usr/bin/gcc", ["-c", source, "-o", directory.file("many.o")]).succeeded)
    let result = try run(
      Package.product("fibertrace"), ["verify", "--format", "json", "many.o"], directory: directory.path)
    #expect(result.status == 1)
    let document = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let files = try #require(document["files"] as? [[String: Any]])
    let findings = try #require(files.first?["findings"] as? [[String: Any]])
    #expect(findings.count == 500)
    for finding in findings {
      let story = try #require(finding["story"] as? [String: Any])
      let lines = try #require(story["lines"] as? [[String: Any]])
      #expect(lines.first { $0["mark"] as? String == "cause" }?["pc"] as? String == story["from"] as? String)
      #expect(lines.first { $0["mark"] as? String == "wrong" }?["pc"] as? String == finding["pc"] as? String)
      #expect(lines.count >= 4)
    }
  }

  @Test func nothingIsWrittenOverWhatIsVerified() throws {
    let fixture = try VerifyFixture("wrong")
    for option in ["--output", "--write-baseline"] {
      let before = try fixture.verify("wrong.o").output
      let result = try fixture.verify("wrong.o", option, "wrong.o")
      #expect(result.status == 64)
      #expect(result.errors.contains("wrong.o: not written: it is wrong.o, which is to be verified"))
      #expect(try fixture.verify("wrong.o").output == before)
    }
    #expect(try fixture.verify("wrong.o", "--function", "wrong", "--write-baseline", "new.json").status == 64)
  }

  @Test func exitCodesSayTheWorst() throws {
    let fixture = try VerifyFixture("wrong", "undecided", "uncovered")
    #expect(try fixture.verify("uncovered.o").status == 0)
    #expect(try fixture.verify("uncovered.o", "--require-coverage").status == 1)
    #expect(try fixture.verify("undecided.o").status == 0)
    #expect(try fixture.verify("undecided.o", "--strict").status == 2)
    #expect(try fixture.verify("absent.o").status == 3)
    // 1 before 3, 3 before 2.
    #expect(try fixture.verify("absent.o", "wrong.o").status == 1)
    #expect(try fixture.verify("undecided.o", "wrong.o", "--strict").status == 1)
    #expect(try fixture.verify("absent.o", "undecided.o", "--strict").status == 3)
  }

  @Test(arguments: [
    ["verify"], ["verify", ""], ["verify", "--jobs", "0", "/bin/true"], ["verify", "--jobs", "x", "/bin/true"],
    ["verify", "--format", "xml", "/bin/true"], ["verify", "--function", "", "/bin/true"],
    ["verify", "--debug-file", "a", "/bin/true", "/bin/false"], ["verify", "--baseline", "", "/bin/true"],
    ["verify", "--output", "", "/bin/true"],
  ])
  func wrongUsageIs64(_ arguments: [String]) throws {
    let result = try run(Package.product("fibertrace"), arguments)
    #expect(result.status == 64)
    #expect(result.errors.contains("Usage: "))
    #expect(result.output == "")
  }

  @Test func aFunctionIsReportedAloneWithTheVerdictsOfTheWholeFile() throws {
    let fixture = try VerifyFixture("wrong", "uncovered")
    let right = try fixture.verify("wrong.o", "--function", "right")
    #expect(right.status == 0)
    #expect(right.output == "wrong.o: 1 FDE, 4 instructions: 100% proved, 0 refuted\n")
    let wrong = try fixture.verify("wrong.o", "uncovered.o", "--function", "wrong", "--function", "right")
    #expect(wrong.status == 1)
    #expect(wrong.output.contains("wrong.o: 2 FDEs"))
    #expect(!wrong.output.contains("uncovered.o"))
    // Code without an FDE belongs to a function, too.
    #expect(try fixture.verify("uncovered.o", "--function", "uncovered", "--require-coverage").status == 1)
    #expect(try fixture.verify("uncovered.o", "--function", "covered", "--require-coverage").status == 0)
    let pattern = try fixture.verify("wrong.o", "--function", "r?g*t")
    #expect(pattern.output == "wrong.o: 1 FDE, 4 instructions: 100% proved, 0 refuted\n")
    #expect(try fixture.verify("wrong.o", "--function", "*").output.contains("wrong.o: 2 FDEs"))
    #expect(
      try fixture.verify("wrong.o", "--function", "absent*").complaints == [
        "fibertrace: no file has a function called absent*"
      ])
  }

  @Test func aFunctionThatNoFileHasIsNamed() throws {
    let fixture = try VerifyFixture("wrong", "uncovered")
    let near = try fixture.verify("wrong.o", "--function", "wrogn")
    #expect(near.status == 3)
    #expect(near.output == "")
    #expect(near.complaints == ["fibertrace: no file has a function called wrogn; near names: wrong"])
    let one = try fixture.verify("uncovered.o", "wrong.o", "--function", "absent", "--function", "right")
    #expect(one.status == 3)
    #expect(one.complaints == ["fibertrace: no file has a function called absent"])
    #expect(one.output.hasPrefix("wrong.o: 1 FDE"))
    #expect(try fixture.verify("wrong.o", "--function", "absent", "--function", "wrong").status == 1)
  }

  @Test func everyFormatIsTheSameWhateverTheNumberOfThreads() throws {
    let fixture = try VerifyFixture("wrong", "undecided", "uncovered")
    let libc = "/lib/x86_64-linux-gnu/libc.so.6"
    let arguments = ["wrong.o", ".", "--strict", "uncovered.o"]
    for format in ["text", "json", "sarif", "junit", "html"] {
      let outputs = try ["1", "2", "7"].map { jobs in
        try run(
          Package.product("fibertrace"), ["verify", "--format", format, "--jobs", jobs] + arguments,
          directory: fixture.directory.path
        ).output
      }
      #expect(Set(outputs).count == 1, "\(format)")
      #expect(outputs[0].contains("cfa-wrong"))
    }
    // One large file, by several threads.
    let large = try ["1", "2"].map { try fixture.verify(libc, "--jobs", $0, "--format", "json").output }
    #expect(large[0] == large[1])
    #expect(large[0].contains(#""instructions":"#))
  }

  @Test func aReportGoesToAFileWhichStaysWhereNothingIsWritten() throws {
    let fixture = try VerifyFixture("wrong")
    let printed = try fixture.verify("wrong.o", "--format", "json").output
    try fixture.directory.write(String(repeating: "old\n", count: 5000), to: "report.json")
    let written = try fixture.verify("wrong.o", "--format", "json", "-o", "report.json")
    #expect(written.status == 1)
    #expect(written.output == "")
    #expect(try fixture.contents("report.json") == printed)
    #expect(try fixture.verify("wrong.o", "--baseline", "absent", "-o", "report.json").status == 3)
    #expect(try fixture.contents("report.json") == printed)
    for path in ["absent/report.json", "."] {
      let result = try fixture.verify("wrong.o", "-o", path)
      #expect(result.status == 3)
      #expect(result.output == "")
      #expect(result.complaints.count == 1)
      #expect(result.errors.hasPrefix("fibertrace: \(path): not writable: "))
    }
    #expect(try fixture.verify("wrong.o", "-o", "/dev/full").status == 3)
  }

  @Test func colourIsForTerminalsAndThoseWhoAsk() throws {
    let fixture = try VerifyFixture("wrong")
    let plain = try fixture.verify("wrong.o").output
    #expect(!plain.contains("\u{1b}"))
    let colored = try fixture.verify("wrong.o", "--color", "always").output
    #expect(colored.contains("\u{1b}[") && colored.replacing(/\u{1b}\[[0-9;]*m/, with: "") == plain)
  }
}
