internal import ArgumentParser
internal import FiberInspection
internal import Glibc

/// `fibertrace gdbstub`.
struct GdbStubCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gdbstub",
    abstract: "Serves a snapshot to gdb, in which every fiber is a thread.",
    discussion: """
      gdb starts it as the other end of a pipe. Fibers are threads with their names and states. Nothing can be changed, \
      continued or killed: a process is copied and runs on at once.

      Examples:
        gdb build/server -ex 'target remote | fibertrace gdbstub 4711'
        gdb build/server -ex 'target remote | fibertrace gdbstub core.4711'

      Exit codes: 0 the debugger has left, 1 the connection broke, 2 no such process or no readable x86-64 core, 3 not \
      permitted, 64 wrong usage.
      """)

  @Argument(help: "A process id, or the path of a core file. A decimal number is a process id.")
  var target: String

  @Option(
    help: ArgumentHelp("The program that dumped the core, if it is not where it was.", valueName: "path"),
    completion: .file())
  var executable: String?

  @Option(
    help: ArgumentHelp("A directory with the files of the core's machine, put before paths.", valueName: "dir"),
    completion: .directory)
  var sysroot: String?

  func run() throws {
    // gdb shields it from Ctrl-C; other debuggers may not. Whoever closes the pipe has left.
    _ = signal(SIGINT, SIG_IGN)
    _ = signal(SIGPIPE, SIG_IGN)
    var stub: DebuggerStub
    do {
      stub = try DebuggerStub(core: target, executable: executable, sysroot: sysroot)
    } catch {
      StandardError.write(error.description)
      throw ExitCode(error.category == .notPermitted ? CommandExit.notPermitted : CommandExit.noTarget)
    }
    StandardError.write(stub.problems, othersIn: "the dump")
    for note in stub.notes { StandardError.write(note.description) }
    var connection = StubConnection(input: STDIN_FILENO, output: STDOUT_FILENO, say: StandardError.write)
    guard connection.serve(&stub) == .left else { throw ExitCode(CommandExit.incomplete) }
  }
}
