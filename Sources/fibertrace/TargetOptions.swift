internal import ArgumentParser
internal import FiberInspection

/// What `dump`, `core` and `gdbstub` read: a live process, or a core and where its files are.
struct TargetOptions: ParsableArguments {
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
  }

  /// Reads the process by one of these, or the core at a path by the other.
  func read<Result>(
    process: (Int32) throws(InspectionError) -> Result, core: (String) throws(InspectionError) -> Result
  ) throws(InspectionError) -> Result {
    switch DumpTarget(target) {
    case .process(let id): return try process(id)
    case .impossibleProcess:
      throw InspectionError(
        .notFound, place: "process \(target)", "no process can have this id; write ./\(target) for a file of that name")
    case .core(let path): return try core(path)
    }
  }
}
