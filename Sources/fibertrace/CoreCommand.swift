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
        fibertrace core 4711 -o small --only-stacks  without the heap
        fibertrace core core.4711 -o core.fibers     of the kernel or gcore
        fibertrace dump core.fibers                  as of the process

      Exit codes: 0 complete, 1 something could not be read or the file not be written (standard error says what), 2 no such \
      process or no readable x86-64 core, 3 not permitted, 64 wrong usage.
      """)

  @Option(name: .shortAndLong, help: ArgumentHelp("The core to write.", valueName: "path"), completion: .file())
  var output: String

  @Flag(
    help: ArgumentHelp(
      """
      Only stacks in use, registries, variables of modules and what debuggers need to walk. Nothing else is in the \
      core, such as the heap.
      """))
  var onlyStacks = false

  @OptionGroup
  var source: TargetOptions

  func validate() throws {
    guard !output.isEmpty else { throw ValidationError("--output is empty: name the core to write") }
    if output == "-" { throw ValidationError("a core has holes and is not written to standard output: name a file") }
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
      throw CommandExit.code(for: error)
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
    return try source.read(
      process: { id throws(InspectionError) in
        try FiberCore.write(processID: id, to: file, contents: contents, progress: progress)
      },
      core: { path throws(InspectionError) in
        try FiberCore.write(
          core: path, executable: source.executable, sysroot: source.sysroot, to: file, contents: contents,
          progress: progress)
      })
  }
}

extension FiberCore.Summary {
  /// "948 MiB (51.2 MiB written), 1 thread, 9,900 fibers; stopped for 104 ms".
  fileprivate var sentence: String {
    let stop = stopped.map { "; stopped for \(milliseconds($0)) ms" } ?? ""
    return "\(mebibytes(size)) MiB (\(mebibytes(written)) MiB written), \(counted(threads, "thread")), "
      + counted(fibers, "fiber") + stop
  }

  private func counted(_ number: Int, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  private func mebibytes(_ bytes: UInt64) -> String {
    // The quotient and the rest apart: a damaged core may claim a size whose tenfold is no word.
    let tenths = Int(clamping: (bytes >> 20) * 10 + ((bytes & ((1 << 20) - 1)) * 10 + (1 << 19)) >> 20)
    return bytes < 100 << 20 ? "\(tenths / 10).\(tenths % 10)" : grouped(tenths / 10)
  }

  private func milliseconds(_ duration: Duration) -> Int {
    Int(clamping: duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000)
  }
}
