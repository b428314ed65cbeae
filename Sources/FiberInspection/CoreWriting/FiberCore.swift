internal import Glibc

/// A core in which every fiber is a thread: plain gdb, eu-stack and whatever else reads cores show fibers with it,
/// without a script.
public enum FiberCore {
  /// How much memory goes into a core.
  public enum Contents: Sendable, Hashable {
    /// What the kernel would write by default, and all stacks of fibers.
    case memory
    /// The stacks in use, registries, modules' variables and what debuggers need to walk: enough for traces and
    /// arguments.
    case stacks
  }

  /// What was written.
  public struct Summary: Sendable {
    /// Size of the file, holes included, in bytes.
    public internal(set) var size: UInt64 = 0
    /// Bytes of it that were written; the others are holes.
    public internal(set) var written: UInt64 = 0
    /// Threads of the operating system in it.
    public internal(set) var threads = 0
    /// Fibers that are threads in it.
    public internal(set) var fibers = 0
    /// How long the process stood still; nil for a core of a core.
    public internal(set) var stopped: Duration?
    /// What could not be read. With any, the core is incomplete.
    public internal(set) var problems: [Problem] = []
    /// What is worth saying besides.
    public internal(set) var notes: [Problem] = []
  }

  /// How far the writing is, in bytes of memory that has to be looked at.
  public struct Progress: Sendable {
    /// Bytes done.
    public var done: UInt64
    /// Bytes in all.
    public var total: UInt64
  }

  /// Writes the core of a live process, which runs on afterwards, also when this fails.
  ///
  /// - Parameters:
  ///   - processID: its id, or that of one of its threads.
  ///   - output: an empty regular file, open for reading and writing. What is in it after an error is no core.
  ///   - contents: how much memory to take.
  ///   - progress: called now and then while the process stands still, on another thread, which it must not hold up.
  /// - Throws: why there is no core. What could not be read in part is in the summary.
  /// - Complexity: O(memory). What is kept meanwhile is a buffer, the records of fibers and 64 bytes for each mapping.
  public static func write(
    processID: Int32, to output: OpenFile, contents: Contents = .memory,
    progress: @escaping (Progress) -> Void = { _ in }
  ) throws(InspectionError) -> Summary {
    try write(processID: processID, to: CoreOutput(output), contents: contents, progress: progress)
  }

  static func write(
    processID: Int32, to output: CoreOutput, contents: Contents, progress: @escaping (Progress) -> Void
  ) throws(InspectionError) -> Summary {
    let target = try ProcessTarget(processID)
    let core = ProcessCore(target: target, output: output, contents: contents, progress: progress)
    // The kernel's limit on the size of files would end this program (setrlimit(2)): a write that fails says more.
    _ = signal(SIGXFSZ, SIG_IGN)
    return try TracingThread.run({ () throws(InspectionError) in try core.write() }, place: target.place)
  }

  /// Writes a core with the fibers of another core as threads: memory and threads are taken over as they are. Of one
  /// that has fibers as threads already, they are made anew.
  ///
  /// - Parameters:
  ///   - core: path of the core.
  ///   - output: see above. Not the same file.
  ///   - executable: the program that made it, if it is not where the core says.
  ///   - sysroot: a directory to put before the paths of libraries, for cores from other machines.
  /// - Throws: why there is no core. What could not be read in part is in the summary.
  /// - Complexity: O(memory), at the speed of the kernel's own copying where files are on one disk.
  public static func write(
    core path: String, executable: String? = nil, sysroot: String? = nil, to output: OpenFile,
    contents: Contents = .memory, progress: @escaping (Progress) -> Void = { _ in }
  ) throws(InspectionError) -> Summary {
    try Snapshot.requireFiles(executable: executable, sysroot: sysroot)
    _ = signal(SIGXFSZ, SIG_IGN)
    let source = CoreOfCore(
      core: try CoreFile(path: path), executable: executable, sysroot: sysroot, output: CoreOutput(output),
      progress: progress)
    return switch contents {
    case .memory: try source.copy()
    case .stacks: try source.writeStacks()
    }
  }
}
