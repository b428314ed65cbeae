internal import ArgumentParser
internal import FiberInspection
internal import Glibc

/// `fibertrace gdbstub`.
struct GdbStubCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gdbstub",
    abstract: "Serves a snapshot to gdb, in which every fiber is a thread.",
    discussion: """
      gdb starts it as the other end of a pipe. Fiber 7 is thread 1000000007, with its name and what it does; its trace goes \
      on with that of the fiber or thread that resumed it. Nothing can be changed, continued or killed: of a process a \
      copy is served, made as by "fibertrace core" in the directory that TMPDIR names, and the process runs on at once. \
      Registers that nobody knows of a fiber that does not run are unavailable. gdb reads the process's files by their \
      paths, and warns of it; where other files are there than those that the process has mapped, as in another \
      mount namespace, these are served, which is slower.

      Examples:
        gdb build/server -ex 'target remote | fibertrace gdbstub 4711'
        gdb build/server -ex 'target remote | fibertrace gdbstub core.4711'
        gdb -ex 'target remote | fibertrace gdbstub core --sysroot /srv/image'

      In gdb: info threads, thread find consumer, thread apply all bt, detach.

      Exit codes: 0 the debugger has left, 1 the connection broke or the copy could not be written, 2 no such process or \
      no readable x86-64 core, 3 not permitted, 64 wrong usage.
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

  func validate() throws {
    guard !target.isEmpty else { throw ValidationError("the target is empty: name a process id or a core") }
    if DumpTarget(target).isProcess, executable != nil || sysroot != nil {
      throw ValidationError("--executable and --sysroot are for cores, and \(target) is a process id")
    }
    if isatty(STDIN_FILENO) == 1 {
      throw ValidationError("a debugger starts it: in gdb, target remote | fibertrace gdbstub \(target)")
    }
  }

  func run() throws {
    // gdb shields it from Ctrl-C; other debuggers may not.
    _ = signal(SIGINT, SIG_IGN)
    // Whoever closes the pipe has left, which is no failure.
    _ = signal(SIGPIPE, SIG_IGN)
    let connection = StubConnection(input: STDIN_FILENO, output: STDOUT_FILENO, say: StandardError.write)
    var stub: DebuggerStub
    do {
      stub = try open(progress: { connection.wait() })
    } catch {
      StandardError.write(error.description)
      switch error.category {
      case .notPermitted: throw ExitCode(CommandExit.notPermitted)
      case .notWritten: throw ExitCode(CommandExit.incomplete)
      default: throw ExitCode(CommandExit.noTarget)
      }
    }
    StandardError.write(stub.problems, othersIn: "the output of fibertrace dump")
    for note in stub.notes { StandardError.write(note.description) }
    guard case .broken(let error) = connection.serve(&stub) else { return }
    StandardError.write(
      "the connection to the debugger broke: "
        + (error == 0 ? "it ended inside a packet" : unsafe String(cString: strerror(error))))
    throw ExitCode(CommandExit.incomplete)
  }

  private func open(progress: @escaping () -> Void) throws(InspectionError) -> DebuggerStub {
    switch DumpTarget(target) {
    case .process(let id):
      let directory = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? ""
      return try DebuggerStub(processID: id, directory: directory.isEmpty ? "/tmp" : directory, progress: progress)
    case .impossibleProcess:
      throw InspectionError(
        .notFound, place: "process \(target)", "no process can have this id; write ./\(target) for a file of that name")
    case .core(let path):
      return try DebuggerStub(core: path, executable: executable, sysroot: sysroot)
    }
  }
}
