import Foundation
import TestSupport
import Testing

/// `fibertrace verify --run` and `--attach` as people use them.
@Suite struct VerifyRunTests {
  @Test func aWrongRowThatIsExecutedIsToldAsAStoryAndGives1() throws {
    let result = try SteppedProgram().verify("--run", "--module", "stepped", "--", "./stepped", "wrong", "7")
    #expect(result.status == 1)
    #expect(result.output == "")
    let lines = result.errors.components(separatedBy: "\n")
    #expect(lines.first?.hasPrefix("error: step-cfa in wrong+1 at 0x") == true, "\(result.errors)")
    #expect(
      result.errors.contains(
        "The row says CFA = rsp+8; it was rsp+16 (seen 2 times, at 2 instructions of the function)."))
    #expect(result.errors.contains(/> [0-9a-f]+  nop .*<- this row is wrong/))
    #expect(result.errors.contains("goes wrong: Every unwinder looks for the return address 8 bytes too low."))
    #expect(result.errors.contains(/to mend:    \.cfi_def_cfa_offset 16, after 0x[0-9a-f]+ push rbx/))
    #expect(
      result.errors.contains(#/\n\./stepped wrong 7: exited with 7; [0-9]+ steps \(3 activations of each function\), /#)
    )
  }

  @Test func whatTheProgramReadsAndWritesIsItsOwn() throws {
    let result = try SteppedProgram().verify("--run", "--", "./stepped", "copy", input: "one\ntwo\n")
    #expect(result.status == 0, "\(result.report)")
    #expect(result.output == "one\ntwo\n")
    #expect(result.errors.contains("./stepped copy: exited with 0; "))
  }

  @Test func theVerdictOrTheProgramDecidesTheExitCode() throws {
    let program = try SteppedProgram()
    func status(_ arguments: String...) throws -> Int32 {
      try run(
        Package.release("fibertrace"), ["verify", "--run", "--module", "stepped"] + arguments,
        directory: program.directory.path
      ).status
    }
    #expect(try status("--", "./stepped", "7") == 0)
    #expect(try status("--exit-status", "target", "--", "./stepped", "7") == 7)
    #expect(try status("--exit-status", "target", "--", "./stepped", "wrong", "0") == 0)
    #expect(try status("--exit-status=verdict", "--", "./stepped", "wrong", "7") == 1)
    #expect(try status("--exit-status", "target", "--", "./stepped", "abort") == 128 + SIGABRT)
    #expect(try status("--", "./stepped", "abort") == 0)
    // --exit-status target waits for the end of what was let go.
    #expect(try status("--exit-status", "target", "--max-steps", "10", "--", "./stepped", "5") == 5)
  }

  @Test func aFileAndItsExecutionAreJoined() throws {
    let program = try SteppedProgram()
    let alone = try program.verify("stepped")
    #expect(alone.output.contains("2 unknown; "), "\(alone.report)")
    let result = try program.verify("stepped", "--run", "--", "./stepped", "undecided", "undecided")
    #expect(result.status == 1)
    // What the static check refutes is told though it was not executed.
    #expect(result.errors.contains("error: cfa-wrong in wrong+1"))
    #expect(
      result.errors.contains(/stepped: [0-9]+ FDEs, .* 2 seen 4 times; executed: [0-9]+ instructions/),
      "\(result.report)")
    let both = try program.verify("stepped", "--run", "--", "./stepped", "wrong")
    #expect(both.errors.contains("error: cfa-wrong in wrong+1"))
    #expect(both.errors.contains("error: step-cfa in wrong+1"))
    // Only the file that is named is followed.
    #expect(!both.errors.contains("libc.so.6"))
    // Without a program the one file that is named is run.
    let own = try program.verify("stepped", "--run")
    #expect(own.errors.contains("./stepped: exited with 0; "), "\(own.report)")
  }

  @Test func functionsAndModulesCanBeChosen() throws {
    let program = try SteppedProgram()
    let one = try program.verify("--run", "--function", "undecided", "--", "./stepped", "undecided", "wrong")
    #expect(one.status == 0, "\(one.report)")
    #expect(one.errors.contains(/stepped: 5 instructions in 1 of [0-9]+ FDEs: 5 right/), "\(one.report)")
    #expect(try program.verify("--run", "--function", "wrong", "--", "./stepped", "wrong").status == 1)
    let every = try program.verify("--run", "--all", "--function", "wrong", "--", "./stepped", "wrong", "undecided")
    #expect(every.status == 1)
    #expect(
      every.errors.contains(/stepped: 4 instructions in 1 of [0-9]+ FDEs: 2 right 2 times, 2 refuted/),
      "\(every.report)")
    let pattern = try program.verify("--run", "--all", "--function", "wro*", "--", "./stepped", "wrong", "undecided")
    #expect(pattern.errors.contains(#/stepped: 4 instructions in 1 of /#), "\(pattern.report)")
    let absent = try program.verify("--run", "--function", "absent", "--", "./stepped")
    #expect(absent.status == 3)
    #expect(absent.errors.contains("fibertrace: no module that was executed has a function called absent\n"))
    let module = try program.verify("--run", "--module", "libabsent*", "--", "./stepped")
    #expect(module.status == 3)
    #expect(module.errors.contains("fibertrace: ./stepped: nothing of what was asked for was executed\n"))
  }

  @Test func aProcessThatRunsIsFollowedAndLetGo() throws {
    let program = try SteppedProgram()
    let process = try RunningProgram(program.path, "undecided", "wrong", "ready", "wait")
    for options in [["--timeout", "0.5"], ["--max-steps", "100", "--all"], ["--max-steps", "50"]] {
      let result = try run(
        Package.release("fibertrace"), ["verify", "--attach", process.argument, "--module", "libc.so*"] + options)
      #expect(result.status == 0, "\(result.report)")
      #expect(result.output.contains(/process [0-9]+: let go after .*; it runs on; [0-9,]+ steps/), "\(result.report)")
      #expect(result.output.contains("libc.so.6: "))
      #expect(try String(contentsOfFile: "/proc/\(process.id)/status", encoding: .utf8).contains("TracerPid:\t0\n"))
    }
    #expect(kill(process.id, 0) == 0)
  }

  @Test func unwindersAreHeldAgainstEachOther() throws {
    let result = try SteppedProgram().verify(
      "--run", "--module", "stepped", "--unwinders", "rows,libunwind,libdw,fp", "--compare-every", "1", "--",
      "./stepped",
      "undecided", "wrong")
    #expect(result.status == 1)
    #expect(
      result.errors.contains(#/unwinders compared [0-9]+ times at [0-9]+ instructions\n  rows       [0-9]+ frames/#),
      "\(result.report)")
    #expect(result.errors.contains(#/\n  libdw      [0-9]+ frames as the rows have them/#))
    // At each step of a small program, in its loader and its libraries.
    let every = try run(
      Package.release("fibertrace"),
      ["verify", "--run", "--all", "--unwinders", "rows,libunwind,libdw,fp", "--compare-every", "1", "--", "/bin/true"])
    #expect(every.status == 0, "\(every.report)")
    // And only in the functions that are asked for.
    let one = try SteppedProgram().verify(
      "--run", "--all", "--function", "wrong", "--unwinders", "rows,fp", "--compare-every", "1", "--", "./stepped",
      "wrong", "undecided")
    #expect(one.errors.contains("unwinders compared 4 times at 4 instructions\n  rows  "), "\(one.report)")
  }

  @Test(arguments: [
    ["--run"], ["--run", "--"], ["--run", "--", ""], ["--run", "a", "b"], ["--attach", "0"], ["--attach", "x"],
    ["--attach", "1", "--run", "--", "true"], ["--attach", "1", "--", "true"], ["--all", "/bin/true"],
    ["--run", "--all", "--activations", "3", "--", "true"], ["--run", "--activations", "0", "--", "true"],
    ["--run", "--timeout", "0", "--", "true"], ["--run", "--timeout", "nan", "--", "true"],
    ["--run", "--max-steps", "0", "--", "true"], ["--run", "--module", "", "--", "true"],
    ["--run", "--unwinders", "rows,other", "--", "true"], ["--run", "--compare-every", "5", "--", "true"],
    ["--run", "--exit-status", "other", "--", "true"], ["--attach", "1", "--exit-status", "target"],
    ["--run", "--require-coverage", "--", "true"], ["--run", "--debug-file", "a", "--", "true"],
  ])
  func wrongUsageIs64(_ arguments: [String]) throws {
    let result = try run(Package.release("fibertrace"), ["verify"] + arguments)
    #expect(result.status == 64, "\(result.report)")
    #expect(result.errors.contains("Usage: "))
    #expect(result.output == "")
  }

  @Test func whatCannotBeRunIsOneLineAnd3() throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write("no program", to: "text")
    for (arguments, message) in [
      (["--run", "--", "./absent"], "./absent: there is no such program"),
      (["--run", "--", "absent-program"], "absent-program: there is no such program in PATH: give its path"),
      (["--run", "--", "./text"], "./text: it is not executable: is it a program of mode +x?"),
      (["--attach", "2147483647"], "process 2147483647: there is no such process"),
    ] {
      let result = try run(Package.release("fibertrace"), ["verify"] + arguments, directory: directory.path)
      #expect(result.status == 3)
      #expect(result.output == "")
      #expect(result.errors == "fibertrace: \(message)\n")
    }
  }

  @Test func aProgramThatIsCutShortIsOneLineAnd3() throws {
    let program = try SteppedProgram()
    let whole = try Data(contentsOf: URL(filePath: program.path))
    // The kernel reads its headers, and finds no bytes where they lead.
    try whole.prefix(3000).write(to: URL(filePath: program.path))
    let result = try program.verify("--run", "--", "./stepped")
    #expect(result.status == 3)
    #expect(
      result.errors.hasPrefix("fibertrace: ./stepped: it ended before its first instruction: is the file damaged?\n"))
    #expect(!result.errors.contains("processes"))
  }

  @Test func eachFormatHasTheRunAndItsFindings() throws {
    let program = try SteppedProgram()
    let page = try String(contentsOfFile: "\(Package.root)/Docs/verify-json.md", encoding: .utf8)
    func report(_ format: String) throws -> String {
      let result = try program.verify(
        "--run", "--module", "stepped", "--unwinders", "rows,libdw", "--format", format, "-o", "report", "--",
        "./stepped",
        "wrong", "3")
      #expect(result.status == 1)
      return try String(contentsOfFile: program.directory.file("report"), encoding: .utf8)
    }
    let document = try DumpDocument(try report("json"))
    for key in document.keys { #expect(page.contains("`\(key)`"), "\(key) is not documented") }
    let run = try #require(document.members["run"] as? [String: Any])
    #expect(run["exitStatus"] as? Int == 3)
    #expect(run["target"] as? String == "./stepped wrong 3")
    let file = try #require((document.members["files"] as? [[String: Any]])?.first)
    let execution = try #require(file["execution"] as? [String: Any])
    #expect(execution["refuted"] as? Int == 2)
    #expect(file["counts"] == nil)
    #expect(try report("sarif").contains("\"ruleId\":\"step-cfa\""))
    #expect(
      try report("junit").contains(/<failure message="the row says CFA = rsp\+8; it was rsp\+16[^"]*" type="step-cfa">/)
    )
    let html = try report("html")
    #expect(html.contains("executed: "))
    #expect(html.contains("./stepped wrong 3: exited with 3"))
  }

  @Test func whatWasNotJudgedIsListedWhenAsked() throws {
    let result = try SteppedProgram().verify("--run", "--strict", "--module", "stepped", "--", "./stepped")
    // Linkers make _init and the entries of imports without rows, or with.
    #expect(result.status == 0 || result.status == 2)
    #expect((result.status == 2) == result.errors.contains("unknown: undecided in "), "\(result.report)")
  }

  @Test(arguments: ["ring", "nested", "generator"])
  func samplesAreFollowedWithoutAFalseAlarm(name: String) throws {
    let result = try run(
      Package.release("fibertrace"), ["verify", "--run", "--activations", "1", "--", Package.release(name)])
    #expect(result.status == 0, "\(result.errors.suffix(2000))")
    #expect(result.errors.contains(": exited with 0; "))
  }

  /// Reading names of Swift takes a helper process, which is nobody to wait for.
  @Test func namesThatAreHardToReadDoNotKeepTheRun() throws {
    let result = try run(
      Package.release("fibertrace"),
      ["verify", "--run", "--function", "ft_fiber_*", "--timeout", "60", "--", Package.release("generator")])
    #expect(result.status == 0, "\(result.report)")
    #expect(result.errors.contains("/generator: exited with 0; "), "\(result.report)")
  }

  @Test(arguments: ["README.md", "Docs/verify-run.md"])
  func whatPagesShowIsWhatIsPrinted(page: String) throws {
    // Numbers differ from build to build and from libc to libc.
    func stable(_ line: Substring) -> String {
      String(line).replacing(/[0-9a-f]{4,}/, with: "N").replacing(/[0-9,]+\s/, with: "N ")
        .replacing(/\([^)]*stepped\.s/, with: "(stepped.s")
    }
    let text = try String(contentsOfFile: "\(Package.root)/\(page)", encoding: .utf8)
    let begin = try #require(text.range(of: "$ fibertrace verify --run --module stepped -- "))
    let end = try #require(text[begin.upperBound...].range(of: "\n```"))
    let shown = text[begin.upperBound..<end.lowerBound].split(separator: "\n")
    let command = try #require(shown.first).split(separator: " ").map(String.init)
    let program = try SteppedProgram()
    let result = try run(
      Package.release("fibertrace"), ["verify", "--run", "--module", "stepped", "--"] + command,
      directory: program.directory.path)
    let printed = result.errors.split(separator: "\n").filter { !$0.hasPrefix("fibertrace: ") }
    #expect(shown.count > 8)
    #expect(printed.map(stable) == shown.dropFirst().map(stable))
  }
}
