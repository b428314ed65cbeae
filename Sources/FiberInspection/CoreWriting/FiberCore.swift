/// A core in which every fiber is a thread: plain gdb, eu-stack and whatever else reads cores show fibers with it, without a script.
public enum FiberCore {
  /// How much memory goes into a core.
  public enum Contents: Sendable, Hashable {
    /// What the kernel would write by default, and all stacks of fibers.
    case memory
    /// The stacks in use, registries, modules' variables and what debuggers need to walk: enough for traces and arguments.
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
  ///   - output: an empty file, open for reading and writing. What is in it after an error is no core.
  ///   - contents: how much memory to take.
  ///   - progress: called now and then, the process standing still.
  /// - Throws: why there is no core. What could not be read in part is in the summary.
  /// - Complexity: O(memory). Little is kept beyond the records of fibers and a buffer.
  public static func write(
    processID: Int32, to output: OpenFile, contents: Contents = .memory, progress: @escaping (Progress) -> Void = { _ in }
  ) throws(InspectionError) -> Summary {
    throw InspectionError(.system, place: output.path, "cores cannot be written yet")
  }
}
