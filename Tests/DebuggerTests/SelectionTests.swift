import TestSupport
import Testing

/// `fiber N`, and what gdb then shows.
@Suite struct SelectionTests {
  private static let suspended = [
    "ft_fiber_suspend", "ft_suspend", "descend", "descend", "descend", "keep_values", "body_suspends",
  ]

  @Test(arguments: StoppedProgram.all) func aSuspendedFibersFramesAreExact(program: StoppedProgram) async throws {
    // One on a stack below its host's, one on a stack above.
    let answers = try await program.answers("fiber 1", "bt", "fiber 8", "bt")
    for (answer, name) in [(answers[1], #"1 "consumer""#), (answers[3], #"8 "above""#)] {
      let end = "── fiber \(name): suspended, resumed by nobody ──"
      #expect(answer.frames.map(\.function) == Self.suspended + [end], "\(answers.text)")
      #expect(answer.frames.map(\.level) == Array(1...8), "\(answers.text)")
      #expect(
        answer.frames.dropFirst(2).map(\.place)
          == ["selectable.c:49", "selectable.c:51", "selectable.c:51", "selectable.c:60", "selectable.c:67", nil],
        "\(answers.text)")
    }
    #expect(answers[0].lines.first == #"[Switching to fiber 1 "consumer" (suspended)]"#)
    #expect(answers[0].frames.map(\.level) == [1])
  }

  @Test(arguments: StoppedProgram.all) func variablesAreRightOrUnavailable(program: StoppedProgram) async throws {
    let names = ["a", "b", "c", "d", "e"]
    let truth = ["3000", "5000", "7000", "11000", "13000"]
    let answers = try await program.answers(
      "fiber 1", "frame 6", "output a", "output b", "output c", "output d", "output e")
    for (index, name) in names.enumerated() {
      let value = answers[index + 2].description
      // Where they are, in memory or in a register that a callee has saved, gdb has to find them.
      let isRight = value == truth[index] || (program.optimization == "-O2" && value == "<optimized out>")
      #expect(isRight, "\(name): \(answers.text)")
    }
  }

  @Test(arguments: [StoppedProgram(), StoppedProgram(kind: .core)])
  func localsOfEachFrameAreItsOwn(program: StoppedProgram) async throws {
    let answers = try await program.answers(
      "fiber 1", "frame 4", "info locals", "up", "info locals", "down", "frame 3", "info locals")
    #expect(answers[2].contains("local = 1001") && answers[2].contains("on the fiber's own stack"), "\(answers.text)")
    #expect(answers[4].contains("local = 1002"), "\(answers.text)")
    #expect(answers[5].frames.map(\.level) == [4], "\(answers.text)")
    #expect(answers[7].contains("local = 1000"), "\(answers.text)")
  }

  @Test(arguments: StoppedProgram.all) func registersThatAreNotSavedReadSo(program: StoppedProgram) async throws {
    let registers = ["rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r12", "r15", "eflags"]
    let print = "info registers \(registers.joined(separator: " "))"
    // What the compiler inlines into frame 3 has its frame's registers, and descend's callers have saved theirs there.
    let answers = try await program.answers(
      "fiber 1", "frame 1", print, "output $xmm0", "output $rsp == consumer->sp", "frame 2", print, "output $xmm0")
    for index in [2, 6] {
      let words = answers[index].lines.map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
      #expect(words.map(\.first) == registers, "\(answers.text)")
      #expect(words.allSatisfy { $0.last?.hasSuffix("<not saved>") == true }, "\(answers.text)")
      #expect(answers[index + 1].description == "<not saved>", "\(answers.text)")
    }
    #expect(answers[4].description == "1", "\(answers.text)")
  }

  @Test(arguments: StoppedProgram.Kind.allCases)
  func eachStateIsShownWhereItsFramesAre(kind: StoppedProgram.Kind) async throws {
    let program = StoppedProgram(kind: kind)
    let answers = try await program.answers(
      "thread 1", "fiber 4", "output $_thread", "fiber 5", "output $_thread", "fiber", "fiber 6", "fiber 3", "bt")
    #expect(answers[1].lines.first == #"[Switching to fiber 4 "inner" (running)]"#, "\(answers.text)")
    #expect(answers[1].frames.map(\.function) == ["observe"], "\(answers.text)")
    #expect(answers[3].frames.map(\.function) == ["ft_fiber_resume"], "\(answers.text)")
    #expect(answers[3].frames.map(\.level) == [3], "\(answers.text)")
    if kind == .live { #expect(answers[2].description == "2" && answers[4].description == "2", "\(answers.text)") }
    #expect(answers[5].description == #"[Current fiber is 5 "middle" (resuming)]"#, "\(answers.text)")
    #expect(answers[6].frames.map(\.level) == [7], "\(answers.text)")
    #expect(
      answers[8].frames.map(\.function)
        == ["ft_fiber_suspend", #"── fiber 3 "fresh": not started, resumed by nobody ──"#], "\(answers.text)")
  }

  @Test func whatHasNoFramesIsAnErrorOfOneLineThatLeavesTheSelection() async throws {
    let answers = try await StoppedProgram().answers(
      "fiber 1", "fiber 2", "fiber 99", "fiber bogus", "fiber 1 2", "fiber none x", "fiber", "fiber none", "fiber none")
    #expect(answers[1].lines == [#"fiber 2 "ended" is finished: it has no frames."#])
    #expect(answers[2].lines == ["Unknown fiber 99."])
    #expect(answers[3].lines.count == 1 && answers[4].lines.count == 1 && answers[5].lines.count == 1)
    #expect(answers[6].lines == [#"[Current fiber is 1 "consumer" (suspended)]"#], "\(answers.text)")
    #expect(answers[7].frames.map(\.function) == ["observe"], "\(answers.text)")
    #expect(answers[8].lines.isEmpty, "\(answers.text)")
  }

  @Test func aFiberThatFinishesBetweenTwoCommandsIsAnErrorThen() async throws {
    let answers = try await StoppedProgram().answers(
      stops: 2, "fiber 1", "continue", "fiber 1", "bt 1", "fiber")
    #expect(answers[0].contains("(suspended)"), "\(answers.text)")
    #expect(answers[2].lines == [#"fiber 1 "consumer" is finished: it has no frames."#], "\(answers.text)")
    #expect(answers[3].frames.map(\.function) == ["observe"], "\(answers.text)")
    #expect(answers[4].lines == ["No fiber selected."], "\(answers.text)")
  }

  @Test func nothingRunsNoCommandsFail() async throws {
    let session = try await GdbSession.run(
      .nothing, script: true, "fiber", "fiber 1", "fiber none", "fiber apply all bt", "bt")
    #expect(session[0].lines == ["No fiber selected."])
    #expect(session[1].lines == ["The program is not being run."])
    #expect(session[3].lines == ["The program is not being run."])
    #expect(session[4].lines == ["No stack."])
  }

  /// gdb ends walks in `main`, and shows inlined functions as frames of their own.
  @Test func aHostThatStandsInMainOrInAnInlinedFunctionShowsFibers() async throws {
    let answers = try await StoppedProgram(optimization: "-O2").answers(
      "delete", "break observe_inlined", "continue", "bt 1", "fiber 8", "bt", "show backtrace past-main", "fiber none",
      "bt 1")
    #expect(answers[3].frames.map(\.function) == ["observe_inlined"], "\(answers.text)")
    #expect(answers[5].frames.map(\.level) == Array(2...9), "\(answers.text)")
    #expect(answers[5].frames.dropLast().map(\.function) == Self.suspended, "\(answers.text)")
    #expect(answers[8].frames.map(\.function) == ["observe_inlined"], "\(answers.text)")
    let inMain = try await StoppedProgram().answers(
      "delete", "break twice", "continue", "finish", "show backtrace past-main", "fiber 8", "bt",
      "show backtrace past-main",
      "fiber none", "show backtrace past-main")
    #expect(inMain[6].frames.dropLast().map(\.function) == Self.suspended, "\(inMain.text)")
    #expect(inMain[7].contains("is on"), "\(inMain.text)")
    #expect(inMain[4].contains("is off") && inMain[9].contains("is off"), "\(inMain.text)")
  }
}
