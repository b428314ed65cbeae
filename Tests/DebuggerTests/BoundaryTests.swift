import TestSupport
import Testing

/// What `bt` says where one stack ends.
@Suite struct BoundaryTests {
  @Test(arguments: [StoppedProgram(), StoppedProgram(kind: .core)])
  func aRunningChainNamesWhoWasResumed(program: StoppedProgram) async throws {
    let answers = try await program.answers("bt", "bt -no-filters")
    let functions = answers[0].frames.map(\.function)
    let expected = [
      "observe", "body_resumes", #"── fiber 4 "inner" resumed by ──"#, "ft_fiber_resume", "ft_resume", "body_resumes",
      #"── fiber 5 "middle" resumed by ──"#, "ft_fiber_resume", "ft_resume", "body_resumes",
      #"── fiber 6 "outer" resumed by ──"#, "ft_fiber_resume", "ft_resume", "host",
    ]
    #expect(Array(functions.prefix(expected.count)) == expected, "\(answers.text)")
    // Without filters all is as gdb has it, with the same numbers.
    let plain = answers[1].frames
    #expect(plain.map(\.level) == answers[0].frames.map(\.level), "\(answers.text)")
    #expect(
      plain.map(\.function) == functions.map { $0.hasPrefix("──") ? "<signal handler called>" : $0 }, "\(answers.text)")
  }

  @Test func numbersAreThoseThatFrameTakes() async throws {
    let numbers = [1, 4, 8]
    let answers = try await StoppedProgram().answers(["fiber 8", "bt"] + numbers.map { "frame \($0)" })
    for (number, answer) in zip(numbers, answers.dropFirst(2)) {
      let line = try #require(answers[1].frames.first { $0.level == number })
      let frame = try #require(answer.frames.first)
      #expect(frame.level == number, "\(answers.text)")
      if number < 8 { #expect(frame.function == line.function, "\(answers.text)") }
    }
  }

  @Test func theHostsFrameAndTheEndOfTheChainAreHiddenAndCanBeSeen() async throws {
    let answers = try await StoppedProgram().answers("fiber 8", "bt", "bt -no-filters")
    #expect(answers[1].frames.map(\.level) == Array(1...8), "\(answers.text)")
    #expect(!answers[1].contains("ft_fiber_not_running") && !answers[1].contains("observe"), "\(answers.text)")
    #expect(answers[2].frames.map(\.level) == Array(0...9), "\(answers.text)")
    #expect(answers[2].frames.first?.function == "observe", "\(answers.text)")
    #expect(answers[2].frames.last?.function == "ft_fiber_not_running", "\(answers.text)")
  }

  @Test(arguments: StoppedProgram.all) func framesReadAsWithoutFiltersTheFirstTimeAndLater(
    program: StoppedProgram
  ) async throws {
    let answers = try await program.answers(
      "fiber apply all -q bt", "fiber apply all -q bt", "fiber apply all -q bt -no-filters", "fiber 6", "bt full 3",
      "symbol-file", "bt 3", "bt -no-filters")
    let plain = Set(answers[2].lines)
    #expect(answers[0].lines.allSatisfy { plain.contains($0) || $0.contains("── fiber ") }, "\(answers.text)")
    #expect(answers[0].lines == answers[1].lines && answers[0].lines.count > 40, "\(answers.text)")
    // What was looked up is not shown any longer than it is there.
    #expect(answers[4].contains("record"), "\(answers.text)")
    let forgotten = Set(answers[7].lines)
    #expect(!answers[6].lines.isEmpty && answers[6].lines.allSatisfy(forgotten.contains), "\(answers.text)")
  }

  @Test func optionsOfBacktraceWork() async throws {
    let answers = try await StoppedProgram().answers(
      "fiber 8", "bt 2", "bt -2", "bt full 4", "bt -frame-arguments presence 3")
    #expect(answers[1].frames.map(\.level) == [1, 2], "\(answers.text)")
    #expect(answers[2].frames.map(\.level) == [7, 8], "\(answers.text)")
    #expect(answers[3].contains("local = 1000") && answers[3].contains("local = 1001"), "\(answers.text)")
    #expect(!answers[3].contains("local = 1002"), "\(answers.text)")
    #expect(answers[4].frames.last?.arguments == "...", "\(answers.text)")
  }

  @Test func namesCannotDriveATerminal() async throws {
    let answers = try await StoppedProgram().answers("fiber 7", "bt -1", "fiber", "fiber apply 7 bt -1")
    for answer in answers {
      #expect(!answer.contains("\u{1b}") && !answer.contains("\u{202e}"), "\(answers.text)")
    }
    #expect(
      answers[1].lines.count == 1 && answers[1].contains(#"\u{1b}[31m"red"\u{a}line \u{202e}"#), "\(answers.text)")
  }

  @Test func aCharsetWithoutTheRuleGetsDashes() async throws {
    let answers = try await StoppedProgram().answers("set host-charset ASCII", "fiber 8", "bt -1")
    #expect(
      answers[2].frames.map(\.function) == [#"-- fiber 8 "above": suspended, resumed by nobody --"#], "\(answers.text)")
  }

  /// gdb fails to take any text from Python then.
  @Test(arguments: ["EBCDIC-US", "IBM037", "UTF-16"])
  func aCharsetThatGdbCannotTakeTextInGetsNoNames(charset: String) async throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      "define foreign\nset host-charset \(charset)\nbt 3\nset host-charset UTF-8\nend\n", to: "foreign.gdb")
    let answers = try await StoppedProgram().answers(
      "source \(directory.file("foreign.gdb"))", "bt -no-filters 3", "foreign", "bt 3")
    #expect(answers[2].lines == answers[1].lines, "\(answers.text)")
    #expect(answers[3].contains("resumed by"), "\(answers.text)")
  }

  @Test func whereGdbCannotGoOnItSaysSo() async throws {
    let program = try RunningProgram(await DebuggedProgram.states.path(), "cycle")
    let session = try await GdbSession.run(.process(program.id), script: true, "bt", "bt -1", "bt 2")
    for index in [0, 1] {
      #expect(session[index].lines.last?.hasPrefix("Backtrace stopped: ") == true, "\(session.whole)")
    }
    #expect(!session[2].contains("Backtrace stopped"), "\(session.whole)")
  }

  @Test func aTraceWithoutFibersIsPrintedAsGdbDoes() async throws {
    let path = try await DebuggedProgram.states.path()
    let commands = ["break main", "run", "bt"]
    let with = try await GdbSession.run(.program(path), script: true, commands: commands)
    let without = try await GdbSession.run(.program(path), script: false, commands: commands)
    #expect(with.last.lines == without.last.lines && !with.last.lines.isEmpty)
  }

  @Test func functionsWithoutSymbolsAreShownAsGdbDoes() async throws {
    let program = try RunningProgram(await DebuggedProgram.states.path(), "garbage")
    let session = try await GdbSession.run(.process(program.id), script: true, "fiber 2", "bt 3", "fiber none", "bt 1")
    #expect(session[1].lines.contains { $0.hasSuffix("in ?? ()") }, "\(session.whole)")
  }

  @Test func machineInterfaceListsFramesByTheirLevels() async throws {
    let answers = try await StoppedProgram().answers(
      "fiber 8", #"interpreter-exec mi "-stack-list-frames 1 3""#, #"interpreter-exec mi "-enable-frame-filters""#,
      #"interpreter-exec mi "-stack-list-frames""#, #"interpreter-exec mi "-stack-list-frames --no-frame-filters""#)
    #expect(levels(answers[1]) == ["1", "2", "3"], "\(answers.text)")
    #expect(levels(answers[3]) == (1...8).map(String.init), "\(answers.text)")
    #expect(levels(answers[4]) == (0...9).map(String.init), "\(answers.text)")
  }

  private func levels(_ text: GdbText) -> [String] {
    text.description.matches(of: /level="([0-9]+)"/).map { String($0.1) }
  }
}
