internal import ArgumentParser

/// What `verify` checks.
struct VerifyTargets: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Programs, libraries, object files and directories of these; behind --, with --run, a program and its arguments.",
      valueName: "files"), completion: .file())
  private var all: [String] = []

  /// Those before `--`.
  var files: [String] { Array(all.dropLast(Self.behindTerminator)) }
  /// Those behind it.
  var program: [String] { Array(all.suffix(Self.behindTerminator)) }

  /// How many arguments of this process stand behind the first `--`: the last ones of `all`, which has them in order. ArgumentParser 1.8
  /// refuses a second list of arguments, in debug builds.
  private static let behindTerminator =
    CommandLine.arguments.firstIndex(of: "--").map { CommandLine.arguments.count - $0 - 1 } ?? 0
}
