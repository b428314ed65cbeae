import TestSupport
import Testing

/// A fiber that has resumed another, selected on the thread that both are on.
@Suite struct ResumingFiberTests {
  private static let both = [StoppedProgram(), StoppedProgram(kind: .core)]
  private static let inner = ["observe", "body_resumes", #"── fiber 4 "inner" resumed by ──"#]
  private static let switches = ["ft_fiber_resume", "ft_resume"]
  private static let middle = switches + ["body_resumes", #"── fiber 5 "middle" resumed by ──"#]
  private static let outer = switches + ["body_resumes", #"── fiber 6 "outer" resumed by ──"#] + switches + ["host"]

  @Test(arguments: both) func itsTraceBeginsAtItsOwnFirstFrame(program: StoppedProgram) async throws {
    let answers = try await program.answers(
      "fiber 5", "bt", "fiber 6", "bt", "bt 2", "bt -1", "fiber 4", "bt", "bt -no-filters")
    let whole = Self.inner + Self.middle + Self.outer
    for (answer, hidden) in [(answers[1], 3), (answers[3], 7), (answers[7], 0)] {
      #expect(answer.frames.map(\.function).starts(with: whole.dropFirst(hidden)), "\(answers.text)")
      // gdb's own numbers, which `frame` takes.
      #expect(answer.frames.map(\.level) == Array(hidden..<answers[8].frames.count), "\(answers.text)")
    }
    #expect(answers[4].frames.map(\.level) == [7, 8], "\(answers.text)")
    #expect(answers[5].frames == answers[7].frames.suffix(1), "\(answers.text)")
  }

  @Test(arguments: both) func eachHasItsOwnFramesInApply(program: StoppedProgram) async throws {
    let answers = try await program.answers("fiber apply 4-6 -q bt 2", "fiber apply 6-4 5 6 1 4 -q bt 1", "bt 1")
    #expect(answers[0].frames.map(\.level) == [0, 1, 3, 4, 7, 8], "\(answers.text)")
    #expect(answers[0].frames.map(\.function) == ["observe", "body_resumes"] + Self.switches + Self.switches)
    #expect(answers[2].frames.map(\.level) == [0], "\(answers.text)")
    let mixed = try await program.answers("fiber apply 5 6 1 4 8 5 -q bt 1", "bt 1")
    #expect(mixed[0].frames.map(\.level) == [3, 7, 1, 0, 1, 3], "\(mixed.text)")
    #expect(mixed[1].frames.map(\.level) == [0], "\(mixed.text)")
  }

  @Test func movingAmongFramesIsAsInTheThread() async throws {
    let answers = try await StoppedProgram().answers(
      "fiber 6", "up", "bt 1", "down", "fiber", "bt 1", "down", "fiber", "bt 1", "frame 9", "bt 1", "info locals")
    #expect(answers[1].frames.map(\.level) == [8] && answers[3].frames.map(\.level) == [7], "\(answers.text)")
    #expect(answers[2].frames.map(\.level) == [7] && answers[5].frames.map(\.level) == [7], "\(answers.text)")
    #expect(answers[4].contains("outer") && answers[7].contains("middle"), "\(answers.text)")
    // Frame 6 is the inner fiber's. A trace never leaves out the frame that is selected.
    #expect(answers[6].frames.map(\.level) == [6] && answers[8].frames.map(\.level) == [0], "\(answers.text)")
    #expect(answers[10].frames.map(\.level) == [7], "\(answers.text)")
    #expect(answers[11].contains("mine = 10"), "\(answers.text)")
  }

  @Test func itEndsAsOtherSelectionsDo() async throws {
    let answers = try await StoppedProgram().answers(
      "fiber 6", "bt -no-filters", "fiber none", "bt 1", "fiber 6", "thread 1", "bt -1", "thread 2", "bt 1", "fiber 6",
      "fiber 8", "bt 1", "fiber 5", "bt 1", "call twice(21)", "frame", "bt 1", "fiber 4", "bt 1", "fiber 6", "continue",
      "bt 1", "fiber", "delete", "continue")
    #expect(answers[1].frames.first?.level == 0, "\(answers.text)")
    #expect(answers[2].frames.map(\.level) == [0] && answers[3].frames.map(\.level) == [0], "\(answers.text)")
    #expect(answers[6].frames.map(\.function) == ["main"], "\(answers.text)")
    #expect(answers[8].frames.map(\.level) == [0], "\(answers.text)")
    #expect(answers[11].frames.map(\.level) == [1] && answers[13].frames.map(\.level) == [3], "\(answers.text)")
    // Over a function that gdb calls it stays.
    #expect(answers[14].description == "$1 = 42", "\(answers.text)")
    #expect(answers[15].frames.map(\.level) == [3] && answers[16].frames.map(\.level) == [3], "\(answers.text)")
    #expect(answers[18].frames.map(\.level) == [0], "\(answers.text)")
    #expect(answers[21].frames.map(\.level) == [0] && answers[22].lines == ["No fiber selected."], "\(answers.text)")
    #expect(answers[24].contains("sum 23175"), "\(answers.text)")
  }
}
