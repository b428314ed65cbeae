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

  @OptionGroup
  var source: TargetOptions

  func validate() throws {
    if isatty(STDIN_FILENO) == 1 {
      throw ValidationError("a debugger starts it: in gdb, target remote | fibertrace gdbstub \(source.target)")
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
      throw CommandExit.code(for: error)
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
    try source.read(
      process: { id throws(InspectionError) in
        let directory = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? ""
        return try DebuggerStub(processID: id, directory: directory.isEmpty ? "/tmp" : directory, progress: progress)
      },
      core: { path throws(InspectionError) in
        try DebuggerStub(core: path, executable: source.executable, sysroot: source.sysroot)
      })
  }
}
