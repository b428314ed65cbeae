import Foundation
import TestSupport
import Testing

/// `ft_step_run` of the release build, in programs of their own that gcc builds by the header.
@Suite("The step check called by C")
struct CCallTests {
  private static let header = "\(Package.root)/Sources/CFiberTraceStepping/include"

  private struct Program {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
      directory = try TemporaryDirectory()
      path = directory.file("calls")
      let folder = URL(filePath: try Package.release("libFiberTraceStepping.so")).deletingLastPathComponent().path
      let fixtures = "\(Package.root)/Tests/Fixtures/CStepFixtures"
      let source = "\(Package.root)/Tests/ExecutionVerificationTests/InProcess/Programs/calls.c"
      let result = try run(
        "/usr/bin/gcc",
        [
          "-Wall", "-Wextra", "-Werror", "-I", CCallTests.header, "-I", "\(fixtures)/include", source,
          "\(fixtures)/right.S", "\(fixtures)/wrong.S", "-L", folder, "-lFiberTraceStepping", "-Wl,-rpath,\(folder)",
          "-o", path,
        ])
      try #require(result.succeeded, "\(result.report)")
    }

    /// The lines that `calls WORD` prints.
    func lines(_ word: String) throws -> [String] {
      let result = try run(path, [word])
      try #require(result.succeeded, "\(result.report)")
      return result.lines
    }
  }

  @Test("Nothing is found in functions that are right")
  func right() throws {
    let program = try Program()
    for name in ["step_frame_pointer", "step_red_zone", "step_undefined_rbx", "step_tail_call"] {
      let lines = try program.lines(name)
      #expect(lines.count == 2)
      #expect(lines.first == "error 0")
      #expect(lines.last?.hasPrefix("0 findings in 1 function, ") == true)
    }
  }

  @Test("What is wrong is found, and the program goes on")
  func wrong() throws {
    let program = try Program()
    for (name, finding) in [
      ("step_push_untold", "step_push_untold+1 in calls: step-cfa"),
      ("step_premature_rule", "step_premature_rule+4 in calls: step-register"),
      ("step_epilogue_untold", "step_epilogue_untold+8 in calls: step-cfa"),
      ("step_without_rows", "step_without_rows+0 in calls: step-no-row"),
      ("step_outermost", "step_outermost+0 in calls: step-outermost"),
      ("step_clobbered_rbx", "step_clobbered_rbx+7 in calls: step-register-kept"),
      ("step_pops_too_much", "step_pops_too_much+3 in calls: step-stack-after"),
      ("step_unbalanced", "step_unbalanced+5 in calls: step-fault"),
      ("step_misaligned", "step_misaligned+5 in calls: step-fault"),
      ("step_sets_direction", "step-control-after"),
    ] {
      let lines = try program.lines(name)
      #expect(lines.first == finding)
      #expect(lines.contains("error 0"))
    }
  }

  @Test("Options that are not given are the usual ones, and others are heeded")
  func options() throws {
    let program = try Program()
    let nothing = try program.lines("null-options")
    #expect(nothing.first == "error 0")
    #expect(nothing.last?.hasPrefix("0 findings in 1 function, ") == true)
    #expect(try program.lines("empty-lists").first == "step_push_untold+1 in calls: step-cfa")
    #expect(try program.lines("excluded").first == "error 0")
    #expect(
      try program.lines("not-executed").last
        == "step-incomplete: 'step_nothing' is executed, but no function of this name was: it may be inlined, or have no symbol"
    )
    let limited = "step-incomplete: each instruction is stepped, but the limit of"
    #expect(
      try program.lines("few-instructions").contains("\(limited) instructions is met: raise it, or do less"))
    #expect(try program.lines("few-bytes").contains("\(limited) bytes is met: raise it, or do less"))
  }

  @Test("Where nothing can be stepped, one finding says why, and an errno value does")
  func errors() throws {
    let program = try Program()
    for (word, error, why) in [
      ("null-body", 22, "there is nothing to step: body is NULL"),
      ("too-much-memory", 12, "there is no memory for the recording: lower its limit of bytes"),
      (
        "no-such-limit", 22, "a limit is below 1 or too high: 9223372036854775807 instructions, 268435456 bytes"
      ),
      ("nested", 35, "what is stepped cannot step another: check one after the other"),
      ("in-handler", 22, "it was called on an alternate signal stack: call it outside of handlers"),
    ] {
      #expect(
        try program.lines(word) == [
          "step-incomplete", "error \(error)", "1 finding in 0 functions, 0 instructions",
          "step-incomplete: each instruction is stepped, but \(why)",
        ])
    }
  }

  @Test(
    "The header is one of C99 and of C++11, for gcc and clang",
    arguments: [
      ["gcc", "-std=c99"], ["g++", "-std=c++11", "-x", "c++"], ["clang", "-std=c99"],
      ["clang", "-std=c++11", "-x", "c++"],
    ])
  func header(command: [String]) throws {
    let flags = ["-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
    let result = try run(
      "/usr/bin/env", command + flags + ["\(Self.header)/FiberTraceStepping.h"])
    #expect(result.succeeded, "\(result.report)")
  }
}
