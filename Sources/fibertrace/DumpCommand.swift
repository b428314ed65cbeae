internal import ArgumentParser
internal import FiberInspection
internal import Glibc

/// `fibertrace dump`.
struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Prints every thread and every fiber of a process or a core, each with its trace.",
    discussion: """
      The process is stopped only while its stacks are copied; it runs on before anything is printed, and the first \
      line says how long it stood. The trace of a running fiber goes on with that of the fiber or thread that resumed \
      it, after a line with "resumed by".

      Examples:
        fibertrace dump 4711
        fibertrace dump core.4711
        fibertrace dump ./4711                           a core of that name
        fibertrace dump core --executable build/server   a program that moved
        fibertrace dump core --sysroot /srv/image        another machine's core

      Exit codes: 0 complete (also without any fiber), 1 something could not be read (standard error says what; all \
      else is printed), 2 no such process or no readable x86-64 core, 3 not permitted, 64 wrong usage.
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

  @Option(
    name: [.customShort("n"), .long],
    help: ArgumentHelp("The most frames to print of a stack; deeper ones lose their middle.", valueName: "count"))
  var frames = Dump.defaultFrameLimit

  func validate() throws {
    guard !target.isEmpty else { throw ValidationError("the target is empty: name a process id or a core") }
    guard frames > 0 else { throw ValidationError("--frames must be at least 1") }
    if DumpTarget(target).isProcess, executable != nil || sysroot != nil {
      throw ValidationError("--executable and --sysroot are for cores, and \(target) is a process id")
    }
  }

  func run() throws {
    let snapshot: Snapshot
    do {
      snapshot = try read()
    } catch {
      StandardError.write(error.description)
      throw ExitCode(error.category == .notPermitted ? CommandExit.notPermitted : CommandExit.noTarget)
    }

    let dump = Dump(of: snapshot, frameLimit: frames)
    for problem in dump.problems { StandardError.write(problem.description) }
    if dump.brokenStacks > 0 {
      let count = dump.brokenStacks == 1 ? "1 stack" : "\(dump.brokenStacks) stacks"
      StandardError.write("\(count) could not be walked to the end; the dump says where and why")
    }

    var output = StandardOutput()
    // On a terminal the problems stand right above.
    let listsProblems = !(isatty(STDOUT_FILENO) == 1 && isatty(STDERR_FILENO) == 1)
    TextReport(dump, style: .ofStandardOutput(color: .auto), listsProblems: listsProblems).write(to: &output)
    try output.flush()
    guard dump.isComplete else { throw ExitCode(CommandExit.incomplete) }
  }

  private func read() throws(InspectionError) -> Snapshot {
    switch DumpTarget(target) {
    case .process(let id):
      return try Snapshot.capture(processID: id)
    case .impossibleProcess:
      throw InspectionError(
        .notFound, place: "process \(target)", "no process can have this id; write ./\(target) for a file of that name")
    case .core(let path):
      return try Snapshot.load(core: path, executable: executable, sysroot: sysroot)
    }
  }
}
