internal import ArgumentParser
internal import FiberInspection
internal import Glibc

/// `fibertrace core`.
struct CoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "core",
    abstract: "Writes a core in which every fiber is a thread, for gdb, eu-stack and others.",
    discussion: """
      Debuggers need nothing but the core: fiber 7 is thread "LWP 1000000007", and its trace goes on with that of the fiber \
      or thread that resumed it. The process is stopped while its memory is written, as by gcore, and runs on afterwards. A core is \
      left as it is. Memory is chosen as the kernel does by default; stacks of fibers are always kept. Registers that \
      nobody knows of a fiber that does not run are 0. An existing file is replaced when the new one is complete; until then \
      a file beside it, of the same name and six characters more, grows.

      Examples:
        fibertrace core 4711 -o core.fibers
        gdb -ex 'thread apply all bt' build/server core.fibers
        eu-stack --core core.fibers
        fibertrace core 4711 -o small --only-stacks       traces and arguments, no heap
        fibertrace core core.4711 -o core.fibers          of a core of the kernel or gcore
        fibertrace dump core.fibers                       as of the process itself

      Exit codes: 0 complete, 1 something could not be read or the file not be written (standard error says what), 2 no such \
      process or no readable x86-64 core, 3 not permitted, 64 wrong usage.
      """)

  @Argument(help: "A process id, or the path of a core file. A decimal number is a process id.")
  var target: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The core to write.", valueName: "path"), completion: .file())
  var output: String

  @Flag(
    help: ArgumentHelp(
      """
      Only stacks in use, registries, variables of modules and what debuggers need to walk. All else cannot be accessed \
      in the core, neither the heap.
      """))
  var onlyStacks = false

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
    guard !output.isEmpty else { throw ValidationError("--output is empty: name the core to write") }
    if output == "-" { throw ValidationError("a core has holes and is not written to standard output: name a file") }
    if DumpTarget(target).isProcess, executable != nil || sysroot != nil {
      throw ValidationError("--executable and --sysroot are for cores, and \(target) is a process id")
    }
  }

  func run() throws {
    let progress = ProgressLine(since: .now)
    let summary: FiberCore.Summary
    do {
      let destination = try CoreDestination(path: output)
      summary = try write(to: destination.file, progress: { progress.show($0) })
      try destination.commit()
    } catch {
      progress.erase()
      StandardError.write(error.description)
      switch error.category {
      case .notPermitted: throw ExitCode(CommandExit.notPermitted)
      case .notWritten: throw ExitCode(CommandExit.incomplete)
      default: throw ExitCode(CommandExit.noTarget)
      }
    }
    progress.erase()
    StandardError.write(summary.problems, othersIn: "the dump of \(output)")
    for note in summary.notes { StandardError.write(note.description) }
    var standard = StandardOutput()
    standard.write("\(output): \(summary.sentence)\n")
    try standard.flush()
    guard summary.problems.isEmpty else { throw ExitCode(CommandExit.incomplete) }
  }

  private func write(
    to file: OpenFile, progress: @escaping (FiberCore.Progress) -> Void
  ) throws(InspectionError) -> FiberCore.Summary {
    let contents: FiberCore.Contents = onlyStacks ? .stacks : .memory
    switch DumpTarget(target) {
    case .process(let id):
      return try FiberCore.write(processID: id, to: file, contents: contents, progress: progress)
    case .impossibleProcess:
      throw InspectionError(
        .notFound, place: "process \(target)", "no process can have this id; write ./\(target) for a file of that name")
    case .core(let path):
      return try FiberCore.write(
        core: path, executable: executable, sysroot: sysroot, to: file, contents: contents, progress: progress)
    }
  }
}

extension FiberCore.Summary {
  /// "948 MiB (51 MiB on disk), 1 thread, 9,900 fibers; stopped for 104 ms".
  fileprivate var sentence: String {
    let stop = stopped.map { "; stopped for \(milliseconds($0)) ms" } ?? ""
    return "\(mebibytes(size)) MiB (\(mebibytes(written)) MiB written), \(counted(threads, "thread")), "
      + counted(fibers, "fiber") + stop
  }

  private func counted(_ number: Int, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  private func mebibytes(_ bytes: UInt64) -> String {
    let tenths = Int(clamping: (bytes * 10 + (1 << 19)) >> 20)
    return bytes < 100 << 20 ? "\(tenths / 10).\(tenths % 10)" : grouped(tenths / 10)
  }

  private func milliseconds(_ duration: Duration) -> Int {
    Int(clamping: duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000)
  }
}
