import TestSupport
import Testing

/// The program of Programs/run, built in a directory of its own; see stepped.c.
struct SteppedProgram {
  let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    let sources = ["stepped.c", "stepped.s"].map { "\(Package.root)/Tests/CommandTests/Programs/run/\($0)" }
    let result = try TestSupport.run(
      "/usr/bin/gcc", ["-g", "-O1", "-Wl,--build-id", "-o", directory.file("stepped")] + sources)
    try #require(result.succeeded, "\(result.report)")
  }

  /// Its path.
  var path: String { directory.file("stepped") }

  /// Runs `fibertrace verify` with these arguments in the directory.
  func verify(_ arguments: String..., input: String = "") throws -> CommandResult {
    // Through a file, which a program that outlives the command may hold open.
    _ = try directory.write(input, to: "input")
    return try TestSupport.run(
      "/bin/sh", ["-c", "exec \"$@\" <input", "sh", Package.release("fibertrace"), "verify"] + arguments,
      directory: directory.path)
  }
}
