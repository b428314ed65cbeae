import TestSupport
import Testing

/// A session of gdb on Programs/fibers.c: first without the script, then with it.
struct FibersSession: Sendable {
  let fibersCase: FibersCase
  let truth: FibersTruth
  /// What each command has printed.
  private let answers: [String: GdbText]

  subscript(command: String) -> GdbText { answers[command] ?? GdbText(lines: []) }

  static let registers = "frame apply all info registers rip \(FibersTruth.registers.joined(separator: " "))"
  static let locals = "frame apply all info locals"

  var form: FibersForm { fibersCase.form }

  /// The session of a case. Each is run once for all tests.
  static func of(_ fibersCase: FibersCase) async throws -> FibersSession {
    try await FibersSessions.shared.session(fibersCase)
  }

  fileprivate static func run(_ fibersCase: FibersCase) async throws -> FibersSession {
    let directory = try TemporaryDirectory()
    let path = try await fibersCase.form.program.path()
    let program = try RunningProgram(path, until: "ready", coreIn: directory)
    let truth = FibersTruth(program.greeting)
    var commands = ["thread apply all \(registers)", "thread apply all \(locals)", "source \(GdbSession.script)"]
    commands.append("info fibers")
    for stack in truth.stacks where stack.id != 0 {
      commands.append("fiber \(stack.id)")
      for command in ["frame", "bt", registers, locals] { commands.append(command) }
    }
    let session = try await GdbSession.run(
      fibersCase.view.subject(of: program, path: path, in: directory), script: false, commands: commands)
    var answers: [String: GdbText] = [:]
    var prefix = ""
    for (command, answer) in zip(commands, session.answers) {
      if command.hasPrefix("fiber ") { prefix = "\(command); " }
      answers[command.hasPrefix("fiber ") ? command : prefix + command] = answer
    }
    return FibersSession(fibersCase: fibersCase, truth: truth, answers: answers)
  }
}

/// Sessions that have been run, or are being run.
private actor FibersSessions {
  static let shared = FibersSessions()

  private var sessions: [FibersCase: Task<FibersSession, any Error>] = [:]

  func session(_ fibersCase: FibersCase) async throws -> FibersSession {
    let task = sessions[fibersCase] ?? Task { try await FibersSession.run(fibersCase) }
    sessions[fibersCase] = task
    return try await task.value
  }
}
