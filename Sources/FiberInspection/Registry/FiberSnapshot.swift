/// One registry of a process: the fibers of one copy of one runtime.
public struct RegistrySnapshot: Sendable {
  /// Address of the head.
  public var address: UInt64
  /// Path of the module that holds it.
  public var modulePath: String
  /// The runtime's name as its head gives it: "FiberTrace" for ours.
  public var runtime: String
  /// What the head says of unwinding and of the runtime's own code.
  public var layout: RegistryLayout
  /// Live records by ascending id.
  public var fibers: [FiberSnapshot]
}

/// The parts of a registry head that concern stacks; see `struct ft_registry` in FiberTraceRegistry.h.
public struct RegistryLayout: Sendable, Equatable {
  /// The pc of every fiber that does not run, or 0 where it is read from the stack.
  public var suspendedProgramCounter: UInt64
  /// Offsets from the saved sp where pc and rbp lie, and what to add to it, when `suspendedProgramCounter` is 0.
  public var savedProgramCounterOffset: Int64
  /// See `savedProgramCounterOffset`.
  public var savedFramePointerOffset: Int64
  /// See `savedProgramCounterOffset`.
  public var savedStackPointerAdjustment: Int64
  /// The word at a fiber's base is its link.
  public var hasLink: Bool
  /// The value of the link of a fiber that does not run.
  public var endRecord: UInt64
  /// The runtime's own code, empty where unknown.
  public var resume: Range<UInt64>
  /// See `resume`.
  public var suspend: Range<UInt64>
  /// See `resume`.
  public var start: Range<UInt64>
  /// See `resume`.
  public var notRunning: Range<UInt64>
}

/// One fiber's record as it was read.
public struct FiberSnapshot: Sendable {
  /// Id, unique in its registry.
  public var id: UInt64
  /// Its name, nil if it has none.
  public var name: String?
  /// Why it is suspended, nil if no reason was given.
  public var waitReason: String?
  /// Saved sp; stale while `count` is odd.
  public var savedStackPointer: UInt64
  /// Address of the base frame's link.
  public var base: UInt64
  /// Lowest usable address of its stack.
  public var low: UInt64
  /// End of its stack's memory (the word at base + FT_BASE_HIGH), or just above the base where that is not known.
  public var high: UInt64
  /// Switches into and out of it.
  public var count: UInt64
  /// The body has ended.
  public var isFinished: Bool
  /// Its thread has ended inside it.
  public var isAbandoned: Bool
  /// A pc in the function that created it, or 0.
  public var creator: UInt64
  /// The word at `base`, nil if it could not be read or means nothing.
  public var link: UInt64?
}

extension FiberSnapshot {
  /// It was on a thread, as far as its count says.
  public var isOnThread: Bool { count % 2 == 1 }
  /// How often it was resumed.
  public var timesResumed: UInt64 { count / 2 + count % 2 }
}
