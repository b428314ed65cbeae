internal import ArgumentParser
internal import ExecutionVerification
internal import FiberInspection
internal import FrameVerification
internal import Glibc

/// One run of a program, or following of a process, by `verify`.
struct VerifyExecution {
  private let options: VerifyRunOptions
  private let runOptions: RunOptions
  private let listsUnjudged: Bool
  private let program: [String]
  private let files: [String: String]
  /// What came of it.
  let steps: StepReport

  /// Runs it to its end, or until a limit or a signal.
  ///
  /// - Parameters:
  ///   - program: what is run, with its arguments; empty for a process that is attached to.
  ///   - functions: names of those that are followed; empty for all.
  ///   - files: paths of those that are followed; empty for all.
  ///   - listsUnjudged: what was executed and not judged is listed.
  /// - Throws: an exit code, after a line to standard error.
  init(
    _ options: VerifyRunOptions, program: [String], functions: [String], files: [String], listsUnjudged: Bool
  ) throws {
    self.options = options
    self.program = program
    self.listsUnjudged = listsUnjudged
    self.files = Dictionary(files.map { ($0, Self.realPath($0)) }, uniquingKeysWith: { first, _ in first })
    runOptions = options.options(functions: functions, files: Set(self.files.values))
    RunSignals.block()
    defer { RunSignals.unblock() }
    do throws(InspectionError) {
      if let process = options.attach {
        steps = try ProgramRun(attachingTo: process, options: runOptions).run()
      } else {
        steps = try ProgramRun(program: program[0], arguments: Array(program.dropFirst()), options: runOptions).run()
      }
    } catch {
      StandardError.write(error.description)
      throw ExitCode(VerifyExit.unreadable)
    }
  }

  /// Links and `..` resolved, as the kernel names what it has mapped.
  private static func realPath(_ path: String) -> String {
    guard let real = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }

  /// How often rows were right, for the static check of the files that were named.
  var executions: [String: [UInt64: Int]] {
    let report = ExecutionReport(steps, options: runOptions, listsUnjudged: false)
    return files.compactMapValues { report.right(path: $0) }
  }

  /// Puts what was executed into a report: into the files that it has, or as further files where none were named.
  func join(_ report: inout Report) {
    var executed = ExecutionReport(steps, options: runOptions, listsUnjudged: listsUnjudged).files
    for index in report.files.indices {
      let path = files[report.files[index].path] ?? report.files[index].path
      guard let place = executed.firstIndex(where: { $0.path == path }) else { continue }
      let file = executed.remove(at: place)
      report.files[index].execution = file.execution
      report.files[index].findings += file.findings
      report.files[index].findings.sort { ($0.pc ?? .max, $0.rule.id) < ($1.pc ?? .max, $1.rule.id) }
    }
    if files.isEmpty { report.files += executed }
    report.run = steps.run(of: target, runOptions)
  }

  /// "ls -l", "process 4711".
  private var target: String {
    if let process = options.attach { return "process \(process)" }
    return program.joined(separator: " ")
  }

  /// Says on standard error what was asked for and not executed, and what could not be read.
  ///
  /// - Returns: whether there was none.
  func tellGaps(in report: Report) -> Bool {
    StandardError.write(steps.problems, othersIn: "the report of --format json")
    if let agreement = steps.agreement {
      StandardError.write(agreement.problems, othersIn: "the report of --format json")
    }
    var isComplete = steps.problems.isEmpty && (steps.agreement?.problems.isEmpty ?? true)
    for name in steps.missingFunctions where files.isEmpty {
      StandardError.write("no module that was executed has a function called \(name)")
      isComplete = false
    }
    if !report.files.contains(where: { $0.execution != nil }) {
      // Unless it was said why.
      if steps.problems.isEmpty { StandardError.write("\(target): nothing of what was asked for was executed") }
      isComplete = false
    }
    return isComplete
  }

  /// The code that the program itself ended with, where that is to be passed on and known.
  var passedStatus: Int32? {
    guard options.exitStatus == .target else { return nil }
    switch steps.ending {
    case .exited(let status): return status
    case .signalled(let signal): return 128 + signal
    case .detached: return nil
    }
  }
}
