import Foundation
import TestSupport
import Testing

/// What gdb is started on.
enum GdbSubject: Sendable {
  case nothing
  /// A program that gdb has not started.
  case program(String)
  /// A process, which gdb lets go at the end. gdb finds its program.
  case process(Int32)
  /// A core, with the program that left it or without.
  case core(String, program: String?)

  fileprivate var arguments: [String] {
    switch self {
    case .nothing: []
    case .program(let path): [path]
    case .process(let id): ["-p", String(id)]
    case .core(let path, let program): (program.map { [$0] } ?? []) + ["-c", path]
    }
  }
}

/// A session of real gdb, run to its end: commands, and what gdb printed of each.
struct GdbSession {
  /// Where the commands of this project are: what a user sources.
  static let script = "\(Package.root)/Support/gdb/fibertrace.py"

  /// What gdb had to say by itself, before the first command.
  let opening: GdbText
  /// What each command printed, in the order of the commands. A command that gdb never came to is missing.
  let answers: [GdbText]
  /// The same line by line, nothing left out but an empty line at the end.
  let printed: [[String]]
  /// All of it.
  let whole: GdbText

  /// What the last command printed.
  var last: GdbText { answers.last ?? GdbText(lines: []) }

  /// What a command printed; nothing, if gdb never came to it, which must not end the other tests.
  subscript(index: Int) -> GdbText { index < answers.count ? answers[index] : GdbText(lines: []) }

  /// Runs gdb without anybody's settings and waits for its end. An error in one command does not keep it from the next.
  ///
  /// A Python traceback, or gdb's word that Python has failed, is a failure of the test.
  /// - Parameters:
  ///   - script: whether the project's script is sourced first, as a line in `~/.gdbinit` would do.
  ///   - autoLoads: whether gdb runs the scripts that programs name, if it trusts them: what is installed on this machine.
  ///   - settings: commands for gdb before it opens `subject`.
  ///   - seconds: gdb is killed after this time, which fails the test.
  static func run(
    _ subject: GdbSubject, script: Bool, autoLoads: Bool = false, settings: [String] = [],
    environment: [String: String] = [:],
    seconds: Int = 180, _ commands: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> GdbSession {
    try await run(
      subject, script: script, autoLoads: autoLoads, settings: settings, environment: environment, seconds: seconds,
      commands: commands,
      sourceLocation: sourceLocation)
  }

  /// The same with commands in an array.
  static func run(
    _ subject: GdbSubject, script: Bool, autoLoads: Bool = false, settings: [String] = [],
    environment: [String: String] = [:],
    seconds: Int = 180, commands: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> GdbSession {
    try await run(
      words: subject.arguments, settings: settings + (script ? ["source \(Self.script)"] : []), autoLoads: autoLoads,
      environment: environment, seconds: seconds, commands: commands, sourceLocation: sourceLocation)
  }

  /// The same with the words that are written after "gdb".
  static func run(
    words given: [String], settings: [String], autoLoads: Bool = false, environment: [String: String] = [:],
    seconds: Int = 180, commands: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> GdbSession {
    // Errors into the same file as all else, so that each stays with its command.
    var words = ["-c", "exec gdb \"$@\" 2>&1", "gdb", "-nx", "-batch"]
    for setting in (autoLoads ? [] : ["set auto-load python-scripts off"]) + settings { words += ["-iex", setting] }
    // What follows "--args" is the program's.
    let options = given.prefix { $0 != "--args" }
    words += options
    for (number, command) in commands.enumerated() {
      words += ["-ex", "echo \\n\(mark(number))\\n", "-ex", command]
    }
    words += ["-ex", "echo \\n\(mark(commands.count))\\n"] + given[options.count...]
    // debuginfod would ask the network.
    let variables = ["LC_ALL": "C.UTF-8", "DEBUGINFOD_URLS": "", "TERM": "dumb"].merging(environment) { $1 }
    let result = try await CommandQueue.run("sh", words, seconds: seconds, environment: variables)
    let session = GdbSession(output: result.output, commands: commands.count)
    #expect(result.status != 124, "gdb was not done in \(seconds) s:\n\(result.output)", sourceLocation: sourceLocation)
    #expect(!result.wasSignalled, "gdb has crashed:\n\(result.report)", sourceLocation: sourceLocation)
    for word in ["Traceback (most recent call last)", "Python Exception", "internal-error"] {
      #expect(!result.output.contains(word), "\(result.output)", sourceLocation: sourceLocation)
    }
    return session
  }

  private static func mark(_ number: Int) -> String { "=== command \(number) ===" }

  private init(output: String, commands: Int) {
    var parts: [[String]] = [[]]
    for line in output.components(separatedBy: "\n") {
      if parts.count <= commands + 1, line == Self.mark(parts.count - 1) {
        parts.append([])
      } else {
        parts[parts.count - 1].append(line)
      }
    }
    opening = GdbText(printed: parts[0])
    answers = parts.dropFirst().prefix(commands).map(GdbText.init(printed:))
    printed = parts.dropFirst().prefix(commands).map { $0.last == "" ? $0.dropLast() : $0 }
    whole = GdbText(printed: parts.flatMap(\.self))
  }
}
