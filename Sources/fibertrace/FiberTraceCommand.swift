internal import ArgumentParser
internal import VerificationReports

/// The `fibertrace` command.
@main
struct FiberTraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fibertrace",
    abstract: "Shows where every thread and every fiber of a process is.",
    discussion: """
      Exit codes: 0 complete, 1 something could not be read, 2 no such process or no readable x86-64 core, \
      3 not permitted, 64 wrong usage.
      """,
    version: "fibertrace \(toolVersion)",
    subcommands: [DumpCommand.self, CoreCommand.self, GdbStubCommand.self, CfiCommand.self, VerifyCommand.self])

  static func main() {
    Descriptors.prepare()
    main(nil)
  }
}
