import TestSupport
import Testing

/// `selectable.c` built in one way, stopped in gdb with fibers in every state, alive or as a core.
struct StoppedProgram: Sendable, CustomTestStringConvertible {
  enum Kind: String, Sendable, CaseIterable { case live, core }

  /// -O0, -Og: variables are in memory, or in registers that callees save.
  var optimization = "-O0"
  var kind = Kind.live

  static let all = ["-O0", "-Og", "-O2"].flatMap { optimization in
    Kind.allCases.map { StoppedProgram(optimization: optimization, kind: $0) }
  }

  var testDescription: String { "\(optimization) \(kind)" }

  private var program: DebuggedProgram {
    DebuggedProgram(source: "Tests/DebuggerTests/Programs/selectable.c", options: [optimization])
  }

  /// What gdb prints of `commands` when thread 2 stands in `observe`, inside the fiber "inner".
  ///
  /// - Parameter stops: how often it has come there.
  func answers(
    stops: Int = 1, _ commands: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [GdbText] {
    try await answers(stops: stops, commands, sourceLocation: sourceLocation)
  }

  /// The same with commands in an array.
  func answers(
    stops: Int = 1, _ commands: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [GdbText] {
    let path = try await program.path()
    let begin =
      ["set confirm off", "set width 0", "break observe", "run"] + Array(repeating: "continue", count: stops - 1)
    guard kind == .core else {
      let session = try await GdbSession.run(
        .program(path), script: true, commands: begin + commands, sourceLocation: sourceLocation)
      return Array(session.answers.dropFirst(begin.count))
    }
    let core = try await SavedCores.shared.path(of: path, after: begin)
    let session = try await GdbSession.run(
      .core(core, program: path), script: true, commands: commands, sourceLocation: sourceLocation)
    return session.answers
  }
}

/// Cores that gdb has saved, or is just saving, for all tests that look at the same stop.
private actor SavedCores {
  static let shared = SavedCores()

  private let directory = Result { try TemporaryDirectory() }
  private var cores: [[String]: Task<String, any Error>] = [:]

  func path(of program: String, after commands: [String]) async throws -> String {
    let key = [program] + commands
    if let core = cores[key] { return try await core.value }
    let output = try directory.get().file("core-\(cores.count)")
    let core = Task {
      _ = try await GdbSession.run(.program(program), script: false, commands: commands + ["gcore \(output)"])
      return output
    }
    cores[key] = core
    return try await core.value
  }
}

extension [GdbText] {
  /// All that was printed, for a failed expectation.
  var text: String { map(\.description).joined(separator: "\n---\n") }
}
