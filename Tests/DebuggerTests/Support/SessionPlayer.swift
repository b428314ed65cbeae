import Foundation
import TestSupport
import Testing

/// Runs the commands of a page as a reader would: in a checkout with debug and release builds, with `fibertrace` in PATH.
///
/// "$ PROGRAM &" stays alive until the last command; the process id that the page shows for it stands for that of this run.
/// Files below /tmp lie in a directory of this run.
final class SessionPlayer {
  private let files: TemporaryDirectory
  private let debug: String
  private let release: String
  private var programs: [RunningProgram] = []
  /// What the page says, and what this run has in its place.
  private var names: [(shown: String, own: String)] = []

  init() throws {
    files = try TemporaryDirectory()
    debug = URL(filePath: try Package.product("ring")).deletingLastPathComponent().path
    release = URL(filePath: try Package.release("fibertrace")).deletingLastPathComponent().path
    names = [("/tmp/", files.path + "/"), (".build/debug/", debug + "/"), (".build/release/", release + "/")]
  }

  /// The same commands with what they print here.
  func play(_ session: DocumentedSession) async throws -> [DocumentedSession.Step] {
    var played: [DocumentedSession.Step] = []
    var rest = session.steps[...]
    while let step = rest.popFirst() {
      if step.startsGdb {
        let commands = rest.prefix(while: \.isOfGdb)
        rest = rest.dropFirst(commands.count)
        played.append(step.printing([]))
        played += try await debugged(step, commands)
      } else if step.words.hasSuffix(" &") {
        played.append(try started(step))
      } else {
        let result = try await CommandQueue.run(
          "sh", ["-c", "cd \(Package.root) && { \(own(step.words)); } 2>&1"], environment: environment)
        played.append(step.printing(lines(of: result.output)))
      }
    }
    return played
  }

  /// What gdb says while it starts is not shown.
  private func debugged(
    _ start: DocumentedSession.Step, _ commands: ArraySlice<DocumentedSession.Step>
  ) async throws -> [DocumentedSession.Step] {
    let words = own(start.words).split(separator: " ").dropFirst().map(String.init)
    // gdb wraps its lines, and `info fibers` shortens names, as in a terminal of this width.
    let session = try await GdbSession.run(
      words: words.map { $0.hasPrefix("Support/") ? "\(Package.root)/\($0)" : $0 },
      settings: ["set width 120", "set filename-display basename"], environment: environment,
      commands: commands.map { own($0.words) })
    return zip(commands, session.printed).map { $0.printing(lines(of: $1.joined(separator: "\n"))) }
  }

  private func started(_ step: DocumentedSession.Step) throws -> DocumentedSession.Step {
    let words = own(step.words).split(separator: " ").dropLast().map(String.init)
    let program = try RunningProgram(words[0], arguments: Array(words.dropFirst()), until: nil)
    programs.append(program)
    if let shown = step.printed.joined().firstMatch(of: /pid ([0-9]+)/)?.1 {
      names.append((String(shown), program.argument))
    }
    return step.printing(lines(of: program.greeting))
  }

  private var environment: [String: String] {
    ["PATH": "\(release):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"]
  }

  /// A command with this run's files and processes.
  private func own(_ words: String) -> String {
    names.reduce(words) { $0.replacing($1.shown, with: $1.own) }
  }

  /// Output as the page would show it: with its files, without what gdb says of itself.
  private func lines(of output: String) -> [String] {
    let text = names.reduce(output) { text, name in
      // A process id of three digits may be a count.
      name.own.count < 4 ? text : text.replacing(name.own, with: name.shown)
    }
    // In the middle of a line too. Where the processor has more registers than gdb 13 knows.
    .replacing(/\n?warning: Section `\.reg-xstate\/[0-9]+' in core file too small\.\n/, with: "")
    return text.components(separatedBy: "\n").filter { !$0.isEmpty && !GdbText.isNoise($0) }
  }
}

extension DocumentedSession.Step {
  fileprivate func printing(_ lines: [String]) -> Self {
    var step = self
    step.printed = lines
    return step
  }
}
