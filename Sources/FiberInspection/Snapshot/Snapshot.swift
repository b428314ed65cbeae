/// A process at one moment: all that a dump needs, with the process itself let go or long dead.
public struct Snapshot {
  /// Where the snapshot comes from.
  public enum Source: Sendable, Equatable {
    /// A live process. `stopped` is how long its threads stood still.
    case process(stopped: Duration)
    /// The core file at `path`.
    case core(path: String)
  }

  /// Where the snapshot comes from.
  public var source: Source
  /// Process id; nil if the core does not say.
  public var processID: Int32?
  /// The process's name: the last component of its executable's path, or what the kernel calls it.
  public var command: String
  /// Threads in the order of their ids, the main thread first, if it has not ended before them.
  public var threads: [ThreadSnapshot]
  /// Mappings by ascending address.
  public var mappings: [Mapping]
  /// ELF images in memory by ascending address.
  public var modules: [Module]
  /// Every registry found, in the order of its module.
  public var registries: [RegistrySnapshot]
  /// Memory at that moment: stacks, registries and what they point to; other memory may be absent.
  public var memory: any MemoryReader
  /// What could not be read, in the order it was met. A dump with problems is incomplete (exit code 1).
  public var problems: [Problem]
  /// What is worth saying of how the snapshot came about. It is complete nevertheless.
  public var notes: [Problem] = []
}

/// A thread of the operating system.
public struct ThreadSnapshot: Sendable {
  /// Thread id (of the process's pid namespace for a core, of ours for a live process).
  public var id: Int32
  /// Its name, /proc/PID/task/TID/comm; nil in a core, or where it equals the process's.
  public var name: String?
  /// Its registers, nil if they could not be read; a problem then says why.
  public var registers: Registers?
  /// The signal the thread was killed or stopped by, in a core; 0 for none.
  public var signal: Int32
}

/// An ELF image mapped into the process.
public struct Module: Sendable {
  /// Path as the process knows it, or "[vdso]".
  public var path: String
  /// From the start of the first mapping to the end of the last.
  public var range: Range<UInt64>
  /// What is added to the file's virtual addresses (the load bias).
  public var bias: UInt64
  /// The build-id in the process's memory, nil if it has none or the page is absent.
  public var buildID: [UInt8]?
  /// The image's bytes: an open file of the very build that was mapped, or the reason why there is none.
  public var image: ModuleImage
}

/// Where a module's sections and symbols can be read.
public enum ModuleImage: Sendable {
  /// An open, readable file descriptor of the same build; owned by `file`.
  case file(OpenFile)
  /// The file could not be had, or is another build; the text says what and what to do. Frames in it have no names.
  case missing(reason: String)
}

/// Something that could not be read: one line that names the cause and what to do.
public struct Problem: Sendable, Hashable, CustomStringConvertible {
  /// One line, without a newline or a full stop.
  public var description: String

  /// A problem.
  public init(_ description: String) { self.description = description }
}
