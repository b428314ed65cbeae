import Foundation
import TestSupport
import Testing

@testable import ExecutionVerification

/// However a program ends, following it ends, and says how.
@Suite("The end of a program is seen and told")
struct EndingTests {
  struct Sample: Sendable, CustomStringConvertible {
    var arguments: [String]
    var ending: StepReport.Ending

    var description: String { arguments.joined(separator: " ") }
  }

  static let samples = [
    Sample(arguments: ["execs", "3"], ending: .exited(5)),
    Sample(arguments: ["thread-execs"], ending: .exited(5)),
    Sample(arguments: ["crashes"], ending: .signalled(SIGSEGV)),
    Sample(arguments: ["exits"], ending: .exited(7)),
  ]

  @Test("exec, also of another thread, a crash and an exit with other threads running", arguments: samples)
  func ending(_ sample: Sample) throws {
    let report = try ProgramRun(program: EndingsProgram.path, arguments: sample.arguments, options: RunOptions()).run()
    #expect(report.ending == sample.ending)
    #expect(report.stop == nil)
    #expect(report.problems.isEmpty, "\(report.problems)")
  }

  /// The kernel has children of a process that was killed in the middle of fork traced, and stopped.
  @Test("Children whose parent was killed before it told of them keep nobody waiting", arguments: 0..<3)
  func killed(_ round: Int) throws {
    var options = RunOptions()
    options.timeout = .seconds(60)
    let report = try ProgramRun(program: EndingsProgram.path, arguments: ["killed"], options: options).run()
    #expect(report.ending == .signalled(SIGKILL))
    #expect(report.stop == nil)
  }
}
