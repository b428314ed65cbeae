import TestSupport
import Testing

/// `fiber apply`.
@Suite struct ApplyTests {
  private func headers(_ text: GdbText) -> [String] { text.lines.filter { $0.hasPrefix("Fiber") } }

  @Test(arguments: [StoppedProgram(), StoppedProgram(kind: .core)])
  func allFibersWithFramesGetTheirTurn(program: StoppedProgram) async throws {
    let answers = try await program.answers("thread 1", "fiber apply all bt -1", "bt -1", "thread", "thread 1", "bt -1")
    #expect(
      headers(answers[1]) == [
        #"Fiber 1 "consumer" (suspended):"#, #"Fiber 3 "fresh" (not started):"#, #"Fiber 4 "inner" (running):"#,
        #"Fiber 5 "middle" (resuming):"#, #"Fiber 6 "outer" (resuming):"#,
        #"Fiber 7 "\u{1b}[31m"red"\u{a}line \u{202e}" (suspended):"#, #"Fiber 8 "above" (suspended):"#,
      ], "\(answers.text)")
    #expect(answers[1].frames.count == 7, "\(answers.text)")
    // As it was before.
    #expect(!answers[2].frames.isEmpty && answers[2].frames == answers[5].frames, "\(answers.text)")
    #expect(answers[3].contains("Current thread is 1"), "\(answers.text)")
  }

  @Test func idsAndRangesAreTakenInTheirOrder() async throws {
    let answers = try await StoppedProgram().answers(
      "fiber apply 8 3-5 1 1 output 1", "fiber apply #8 3-3 -q output $_fiber()", "set $which = 3",
      "fiber apply $which -q output $_fiber()", "fiber apply 90-95 99 8 output 1", "fiber apply 5-3 bt")
    #expect(
      headers(answers[0]).map { $0.split(separator: " ")[1] } == ["8", "3", "4", "5", "1", "1"], "\(answers.text)")
    #expect(answers[1].description == "83", "\(answers.text)")
    #expect(answers[3].description == "3", "\(answers.text)")
    #expect(answers[4].contains("warning: There is no fiber in 90-95.") && answers[4].contains("Unknown fiber 99."))
    #expect(headers(answers[4]) == [#"Fiber 8 "above" (suspended):"#], "\(answers.text)")
    #expect(answers[5].lines == ["Inverted range: 5-3"], "\(answers.text)")
  }

  /// One that cannot be shown does not hide those after it; an error of the command ends it.
  @Test func anErrorOfTheCommandEndsItUnlessAskedNotTo() async throws {
    let answers = try await StoppedProgram().answers(
      "fiber apply 1-3 -q output 7", "fiber apply 1-3 -c output 7", "fiber apply 1-3 -s output 7",
      "fiber apply 1 8 output nonsense", "fiber apply 1 8 -c -q output nonsense", "fiber apply 1 8 -s output nonsense",
      "fiber")
    let finished = #"fiber 2 "ended" is finished: it has no frames."#
    #expect(answers[0].description == "7\(finished)\n71 fiber could not be shown.", "\(answers.text)")
    #expect(headers(answers[1]).count == 3 && answers[1].contains(finished), "\(answers.text)")
    #expect(headers(answers[2]).count == 2 && !answers[2].contains("finished"), "\(answers.text)")
    #expect(headers(answers[3]).count == 1, "\(answers.text)")
    #expect(answers[3].lines.last == #"No symbol "nonsense" in current context."#, "\(answers.text)")
    #expect(answers[4].lines.count == 2, "\(answers.text)")
    #expect(answers[5].lines.isEmpty, "\(answers.text)")
    #expect(answers[6].contains("inner"), "\(answers.text)")
  }

  @Test func equalStacksAreShownOnceWithAllTheirIds() async throws {
    let answers = try await StoppedProgram().answers(
      "fiber apply all -unique bt -1", "fiber apply 1-3 7 -c -unique output 1")
    #expect(headers(answers[0]).first == "Fibers 1, 7-8 (3 fibers, suspended):", "\(answers.text)")
    #expect(headers(answers[0]).count == 5, "\(answers.text)")
    #expect(answers[0].frames.count == 5, "\(answers.text)")
    #expect(headers(answers[1]).first == "Fibers 1, 7 (2 fibers, suspended):", "\(answers.text)")
  }

  @Test(arguments: [
    "fiber apply", "fiber apply all", "fiber apply 1", "fiber apply bt", "fiber apply all -bogus bt",
    "fiber apply 1 -c -s bt",
  ]) func wrongUseIsOneLine(command: String) async throws {
    let answers = try await StoppedProgram().answers(command)
    #expect(answers[0].lines.count == 1, "\(answers.text)")
    #expect(answers[0].frames.isEmpty, "\(answers.text)")
  }

  @Test func threadFrameAndFiberAreAsBefore() async throws {
    let commands = [
      "fiber apply all bt", "fiber apply all -unique bt", "fiber apply 1 nonsense", "fiber apply 1 8 thread 1",
    ]
    let answers = try await StoppedProgram().answers(
      commands.flatMap { ["thread 2", "fiber 8", "frame 5", $0, "frame", "fiber", "bt -1"] })
    for start in commands.indices.map({ $0 * 7 }) {
      #expect(answers[start + 4].frames.map(\.level) == [5], "\(answers.text)")
      #expect(answers[start + 5].contains("above"), "\(answers.text)")
      #expect(answers[start + 6].contains(#"── fiber 8 "above""#), "\(answers.text)")
    }
  }

  @Test func aCommandMayLetTheProgramRun() async throws {
    let answers = try await StoppedProgram().answers("fiber 8", "fiber apply 1 8 3 continue", "fiber", "bt 1")
    #expect(headers(answers[1]).count == 3, "\(answers.text)")
    #expect(answers[1].contains("sum 23175"), "\(answers.text)")
    #expect(answers[2].lines == ["No fiber selected."] && answers[3].lines == ["No stack."], "\(answers.text)")
  }

  @Test func nothingIsWrittenByLooking() async throws {
    let answers = try await StoppedProgram().answers(
      "info registers", "info fibers", "fiber apply all bt full", "fiber apply all -unique bt", "fiber 8", "fiber none",
      "info registers",
      "delete", "continue")
    #expect(!answers[0].lines.isEmpty && answers[0].lines == answers[6].lines, "\(answers.text)")
    #expect(answers[8].contains("sum 23175"), "\(answers.text)")
  }
}
