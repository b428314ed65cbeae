import Foundation
import TestSupport
import Testing

@testable import ExecutionVerification

/// What is followed is let go at any moment, and nobody sees afterwards that it was followed.
@Suite("Whoever is let go runs on as if nothing had been")
struct ReleaseTests {
  struct Moment: Sendable, CustomStringConvertible {
    var program: String
    /// Functions are followed again and again: however few there are, the limit of steps is reached.
    var mode = RunOptions.Mode.sampled(activations: 1_000_000)
    var steps: Int

    var description: String { "\(program) after \(steps) steps, \(mode == .all ? "every step" : "sampled")" }
  }

  static let moments =
    ["alarms", "forks", "main-exits", "shares"].flatMap { program in
      [1, 300].map { Moment(program: program, steps: $0) }
    }
    + ["alarms", "forks", "main-exits"].map { Moment(program: $0, mode: .all, steps: 40) }

  @Test("No tracer, stopped thread or breakpoint stays in a process that was attached to", arguments: moments)
  func attached(_ moment: Moment) throws {
    let program = try RunningProgram(EndingsProgram.path, moment.program)
    var options = RunOptions()
    options.mode = moment.mode
    options.mostSteps = moment.steps
    let report = try ProgramRun(attachingTo: program.id, options: options).run()
    #expect(report.stop == .steps(moment.steps))
    #expect(report.ending == .detached)
    let family = ProcessTraces.family(of: program.id)
    for traces in family {
      #expect(traces.held.isEmpty)
      #expect(traces.changedCode.isEmpty)
    }
    // The parent of the one that shares its memory only waits for it.
    #expect(family.count > 1 || moment.program != "shares")
    let worker = moment.program == "shares" ? family.last : family.first
    #expect(worker?.runsOn() ?? false)
  }

  /// A child of clone(CLONE_VM) that was there before: it would meet breakpoints, and nobody would take it for one.
  @Test("Processes that have the memory of the one attached to are followed with it")
  func sharedMemory() throws {
    let program = try RunningProgram(EndingsProgram.path, "shares")
    var options = RunOptions()
    options.mode = .sampled(activations: 1_000_000)
    options.mostSteps = 500
    let report = try ProgramRun(attachingTo: program.id, options: options).run()
    #expect(report.processes == 2)
    let family = ProcessTraces.family(of: program.id)
    #expect(family.count == 2)
    #expect(family.last?.runsOn() ?? false)
  }

  @Test("A SIGTRAP of its own that the program blocks keeps nobody waiting, and stays")
  func blockedTrap() throws {
    let program = try RunningProgram(EndingsProgram.path, "blocks-trap")
    var options = RunOptions()
    // No breakpoint: the kernel lets no trap wait.
    options.functions = ["no_such_function"]
    options.timeout = .milliseconds(1)
    let report = try ProgramRun(attachingTo: program.id, options: options).run()
    #expect(report.ending == .detached)
    let traces = ProcessTraces(process: program.id)
    #expect(traces.held.isEmpty)
    #expect(traces.isPending(SIGTRAP))
    #expect(traces.runsOn())
  }

  @Test("A program that was started is let go with its main thread gone")
  func startedWithoutMainThread() throws {
    var options = RunOptions()
    options.mode = .sampled(activations: 1)
    options.timeout = .seconds(4)
    let report = try ProgramRun(program: EndingsProgram.path, arguments: ["main-exits"], options: options).run()
    defer {
      kill(report.process, SIGKILL)
      var status: Int32 = 0
      _ = unsafe waitpid(report.process, &status, 0)
    }
    #expect(report.stop == .time(.seconds(4)))
    let traces = ProcessTraces(process: report.process)
    #expect(traces.changedCode.isEmpty)
    #expect(traces.runsOn())
  }
}
