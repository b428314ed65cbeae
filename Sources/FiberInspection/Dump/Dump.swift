/// Every thread and every fiber of a process at one moment, each with its trace: what a dump prints, in whatever form.
public struct Dump: Sendable {
  /// Where the snapshot came from.
  public var source: Snapshot.Source
  /// Process id; nil if a core does not say.
  public var processID: Int32?
  /// The process's name.
  public var command: String
  /// What was asked for.
  public var selection: DumpSelection
  /// Threads, the main thread first; none where they are not selected.
  public var threads: [ThreadDump]
  /// How many threads the process has.
  public var threadCount: Int
  /// All registries, each with its fibers that are selected.
  public var registries: [RegistryDump]
  /// How many fibers of all registries are in each state, selected or not.
  public var fiberCounts: [FiberState.Kind: Int]
  /// The ELF images of the process by ascending address.
  public var modules: [ModuleDump]
  /// What could not be read, in the order it was met.
  public var problems: [Problem]
  /// What is worth saying of how the dump came about, though it is complete.
  public var notes: [Problem]
}

extension Dump {
  /// Selected fibers of all registries.
  public var fibers: some Sequence<FiberDump> { registries.lazy.flatMap(\.fibers) }

  /// Stacks whose trace is known to end too early.
  public var brokenStacks: Int {
    threads.count { $0.trace?.isBroken ?? true } + fibers.count { $0.isBroken }
  }

  /// Everything was read, and every stack walked to its end.
  public var isComplete: Bool { problems.isEmpty && brokenStacks == 0 }
}

/// A thread with its trace.
public struct ThreadDump: Sendable {
  /// Thread id.
  public var id: Int32
  /// Its name, nil where it equals the process's or is unknown.
  public var name: String?
  /// The signal that killed or stopped it, in a core; 0 for none.
  public var signal: Int32
  /// From its innermost frame through all fibers on it to its root; nil if its registers could not be read.
  public var trace: Trace?
}

/// An ELF image of the process.
public struct ModuleDump: Sendable {
  /// Path as the process knows it, or "[vdso]".
  public var path: String
  /// Addresses from the start of the first mapping to the end of the last.
  public var range: Range<UInt64>
  /// What is added to the file's virtual addresses.
  public var bias: UInt64
  /// Its build-id, nil if it has none or it could not be read.
  public var buildID: [UInt8]?
  /// Why nothing could be read of its file; nil if that was at hand.
  public var missing: String?
  /// The file was removed or replaced after the process had mapped it.
  public var isDeleted: Bool
}

/// A registry with its fibers.
public struct RegistryDump: Sendable {
  /// Path of the module that holds the registry.
  public var modulePath: String
  /// The runtime's name.
  public var runtime: String
  /// Selected fibers by ascending id.
  public var fibers: [FiberDump]
}

/// Names a fiber within a dump.
public struct FiberReference: Sendable, Hashable {
  /// Index of its registry in the dump.
  public var registry: Int
  /// Its id, unique in the registry.
  public var id: UInt64
  /// Its name, nil if it has none.
  public var name: String?

  /// A reference.
  public init(registry: Int, id: UInt64, name: String?) {
    self.registry = registry
    self.id = id
    self.name = name
  }
}
