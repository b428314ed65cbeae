import TestSupport
import Testing

/// What ends a selection, what does not, and that neither harms the program.
@Suite struct SelectionEndTests {
  @Test(arguments: ["continue", "step", "next", "stepi", "nexti", "until", "advance body_resumes", "finish"])
  func itEndsSilentlyWhenTheProgramGoesOn(command: String) async throws {
    let answers = try await StoppedProgram().answers(
      "fiber 8", "frame 4", command, "bt 1", "fiber", "delete", "continue")
    #expect(!answers[2].contains("fiber 8") && !answers[2].contains("selection"), "\(answers.text)")
    // `finish` runs until the fiber's frame returns, which it does not here.
    if command != "finish" {
      #expect(answers[3].frames.map(\.level) == [0], "\(answers.text)")
    }
    #expect(!answers[4].contains("above"), "\(answers.text)")
    #expect(answers.text.contains("sum 23175, called 0"), "\(answers.text)")
  }

  @Test(arguments: [["kill"], ["detach"], ["run"], ["kill", "run"], ["core-file"]])
  func itEndsWithTheProcess(commands: [String]) async throws {
    let rest = commands.count > 1 ? commands[1] : "echo"
    let program = StoppedProgram(kind: commands == ["core-file"] ? .core : .live)
    let answers = try await program.answers("fiber 8", "frame 4", commands[0], rest, "fiber", "bt 1")
    #expect(!answers[4].contains("above"), "\(answers.text)")
    let isOver = commands.last != "run"
    #expect(isOver ? answers[5].lines == ["No stack."] : answers[5].frames.map(\.level) == [0], "\(answers.text)")
  }

  @Test func otherThreadsShowTheirOwnFrames() async throws {
    let answers = try await StoppedProgram().answers(
      "bt 1", "fiber 8", "thread 1", "bt -1", "fiber", "thread 2", "bt 1", "fiber none", "thread 2", "bt 1")
    #expect(answers[3].frames.map(\.function) == ["main"], "\(answers.text)")
    #expect(answers[4].lines == ["No fiber selected."], "\(answers.text)")
    #expect(answers[6].frames.map(\.function) == ["ft_fiber_suspend"], "\(answers.text)")
    #expect(answers[9].frames.map(\.function) == ["observe"], "\(answers.text)")
  }

  @Test func eachInferiorHasItsOwn() async throws {
    let answers = try await StoppedProgram().answers(
      "fiber 8", "clone-inferior", "inferior 2", "run", "fiber", "fiber 1", "thread 1.2", "fiber", "bt -1",
      "thread 2.2",
      "fiber", "continue", "fiber", "thread 1.2", "fiber", "bt -1", "kill inferiors 1 2")
    let above = #"[Current fiber is 8 "above" (suspended)]"#
    #expect(answers[4].contains("inner"), "\(answers.text)")
    #expect(answers[7].lines == [above], "\(answers.text)")
    #expect(answers[8].contains(#"── fiber 8 "above""#), "\(answers.text)")
    #expect(answers[10].contains("consumer"), "\(answers.text)")
    #expect(!answers[12].contains("consumer"), "\(answers.text)")
    #expect(answers[14].lines == [above], "\(answers.text)")
    #expect(answers[15].contains(#"── fiber 8 "above""#), "\(answers.text)")
  }

  @Test func callsOfFunctionsKeepRegistersFramesAndTheSelection() async throws {
    let answers = try await StoppedProgram(optimization: "-Og").answers(
      "info registers", "fiber 8", "frame 6", "print twice(21)", "call twice(b)", "frame", "output b", "fiber",
      "fiber none",
      "info registers", "delete", "continue")
    #expect(answers[3].lines == ["$1 = 42"], "\(answers.text)")
    #expect(answers[4].lines == ["$2 = 10000"], "\(answers.text)")
    #expect(answers[5].frames.map(\.level) == [6], "\(answers.text)")
    #expect(answers[6].description == "5000", "\(answers.text)")
    #expect(answers[7].contains("above"), "\(answers.text)")
    #expect(!answers[0].lines.isEmpty && answers[0].lines == answers[9].lines, "\(answers.text)")
    #expect(answers[11].contains("sum 23175"), "\(answers.text)")
  }

  /// gdb 13 crashes if a frame that was selected before a call is not there after it.
  @Test(arguments: ["-O0", "-Og", "-O2"], 1...7)
  func aCallThatResumesTheSelectedFiberEndsTheSelection(optimization: String, frame: Int) async throws {
    let answers = try await StoppedProgram(optimization: optimization).answers(
      "fiber 1", "frame \(frame)", "call (void)(is_ending = 1)", "call resume_consumer()", "bt 1", "fiber", "fiber 1",
      "frame")
    #expect(answers[1].frames.map(\.level) == [frame], "\(answers.text)")
    #expect(answers[4].frames.map(\.function) == ["observe"], "\(answers.text)")
    #expect(!answers[5].contains("consumer"), "\(answers.text)")
    #expect(answers[6].contains("is finished"), "\(answers.text)")
    #expect(answers[7].frames.map(\.function) == ["observe"], "\(answers.text)")
  }

  @Test func aBreakpointInACalledFunctionEndsIt() async throws {
    let answers = try await StoppedProgram().answers(
      "fiber 8", "frame 4", "tbreak twice", "call twice(4)", "bt 2", "fiber", "finish", "fiber 8", "bt -1", "delete",
      "continue")
    #expect(answers[4].frames.map(\.function) == ["twice", "<function called from gdb>"], "\(answers.text)")
    #expect(answers[5].contains("inner"), "\(answers.text)")
    #expect(answers[6].contains("= 8"), "\(answers.text)")
    #expect(answers[8].contains(#"── fiber 8 "above""#), "\(answers.text)")
    #expect(answers[10].contains("sum 23175"), "\(answers.text)")
  }

  /// As above: then gdb restores the frame that was selected, and crashes without it.
  @Test func aCallThatGdbTakesBackKeepsIt() async throws {
    let answers = try await StoppedProgram().answers(
      "fiber 8", "frame 4", "set unwindonsignal on", "call (int)raise(11)", "frame", "fiber", "fiber none", "frame",
      "fiber 8", "set unwindonsignal off", "call (int)raise(11)", "fiber", "bt 1")
    #expect(answers[3].description.contains("has restored the context"), "\(answers.text)")
    #expect(answers[4].frames.map(\.level) == [4], "\(answers.text)")
    #expect(answers[5].contains("above"), "\(answers.text)")
    #expect(answers[7].frames.map(\.function) == ["observe"], "\(answers.text)")
    #expect(answers[10].description.contains("remains in the frame"), "\(answers.text)")
    #expect(!answers[11].contains("above"), "\(answers.text)")
    #expect(answers[12].frames.map(\.level) == [0], "\(answers.text)")
  }

  /// gdb has no event for `record goto`, nor for `restart`.
  @Test(arguments: [
    (["record full", "finish"], "record goto begin"), (["checkpoint", "finish"], "restart 1"),
  ])
  func anotherMomentOfTheProgramHasOtherFibers(going: [String], back: String) async throws {
    let program = DebuggedProgram(source: "Tests/DebuggerTests/Programs/ending.c", options: ["-O0"])
    let session = try await GdbSession.run(
      .program(try await program.path()), script: true,
      commands: ["set confirm off", "break suspended_stop", "run", "info fibers"] + going
        + ["tbreak finished_stop", "continue", "info fibers", back, "info fibers", "fiber 1", "fiber"])
    let answers = session.answers
    #expect(answers[3].contains("1 suspended"), "\(session.whole)")
    #expect(answers[8].contains("1 finished"), "\(session.whole)")
    #expect(answers[10].lines == answers[3].lines, "\(session.whole)")
    #expect(answers[11].contains("short") && answers[12].contains("short"), "\(session.whole)")
  }

  @Test func watchpointsAndBreakpointsSetInAFibersFrameDoNoHarm() async throws {
    let answers = try await StoppedProgram().answers(
      "fiber 1", "frame 3", "watch local", "watch -location local", "tbreak 60", "up", "break", "info breakpoints",
      "continue",
      "bt 1", "delete", "continue")
    #expect(answers[2].contains("atchpoint 2: local"), "\(answers.text)")
    #expect(answers[3].contains("atchpoint 3: -location local"), "\(answers.text)")
    // Where the fiber will go on.
    #expect(answers[6].contains("Breakpoint 5"), "\(answers.text)")
    #expect(answers[9].frames.map(\.level) == [0], "\(answers.text)")
    #expect(answers[11].contains("sum 23175"), "\(answers.text)")
  }

  @Test func whatTheUserWritesInAFibersFrameIsWritten() async throws {
    let answers = try await StoppedProgram().answers(
      "fiber 1", "frame 4", "set var local = 5001", "print local", "frame 1", "set $rip = 0", "set $rbx = 0", "delete",
      "continue")
    #expect(answers[3].description == "$1 = 5001", "\(answers.text)")
    // The registers of a fiber are not in memory, and the thread's are not the fiber's.
    #expect(answers[5].lines.count == 1 && answers[6].lines.count == 1, "\(answers.text)")
    // 5001 instead of 1001.
    #expect(answers[8].contains("sum 27175"), "\(answers.text)")
  }
}
