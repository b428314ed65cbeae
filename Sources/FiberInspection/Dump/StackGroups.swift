/// Fibers of one registry in one kind of state that have identical stacks: the same frames, found the same way.
public struct FiberGroup: Sendable {
  /// Their registry.
  public let registry: Int
  /// What they do.
  public let kind: FiberState.Kind
  /// Their ids by ascending order, in runs without gaps.
  public fileprivate(set) var ids: [ClosedRange<UInt64>]
  /// How many they are.
  public fileprivate(set) var count: Int
  /// Why they are suspended, the most frequent first; fibers without a reason are not among them.
  public fileprivate(set) var waitReasons: [(reason: String, count: Int)]
  /// Bytes of stack in use by each, from the least to the most; nil where it is known of none.
  public fileprivate(set) var stackUsed: ClosedRange<UInt64>?
  /// Bytes of stack in use by all.
  public fileprivate(set) var totalStackUsed: UInt64
  /// The first of them, whose trace is that of all.
  public let first: FiberDump
}

/// Threads that have identical stacks, fibers on them included.
public struct ThreadGroup: Sendable {
  /// Their ids, in the order of the dump.
  public fileprivate(set) var ids: [Int32]
  /// The first of them, whose trace is that of all.
  public let first: ThreadDump
}

extension Dump {
  /// Fibers by identical stacks, the largest group first. O(frames + n log n).
  public var fiberGroups: [FiberGroup] {
    var indexes: [FiberKey: Int] = [:]
    var groups: [FiberGroup] = []
    var reasons: [[String: Int]] = []
    for fiber in fibers {
      let key = FiberKey(fiber)
      let index: Int
      if let known = indexes[key] {
        index = known
        groups[index].add(fiber)
      } else {
        index = groups.count
        indexes[key] = index
        groups.append(FiberGroup(fiber))
        reasons.append([:])
      }
      if let reason = fiber.waitReason { reasons[index][reason, default: 0] += 1 }
    }
    for index in groups.indices {
      groups[index].waitReasons = reasons[index].sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .map { (reason: $0.key, count: $0.value) }
    }
    return groups.sorted {
      ($1.count, $0.registry, $0.ids[0].lowerBound) < ($0.count, $1.registry, $1.ids[0].lowerBound)
    }
  }

  /// Threads by identical stacks, the largest group first.
  public var threadGroups: [ThreadGroup] {
    var indexes: [ThreadKey: Int] = [:]
    var groups: [ThreadGroup] = []
    for thread in threads {
      let key = ThreadKey(signal: thread.signal, stack: thread.trace.map(StackKey.init))
      if let index = indexes[key] {
        groups[index].ids.append(thread.id)
      } else {
        indexes[key] = groups.count
        groups.append(ThreadGroup(ids: [thread.id], first: thread))
      }
    }
    // Stable: of two that are as large the first stays first.
    return groups.enumerated().sorted { ($1.element.ids.count, $0.offset) < ($0.element.ids.count, $1.offset) }
      .map(\.element)
  }
}

/// What makes two stacks identical.
private struct StackKey: Hashable {
  private let frames: [UInt32]
  /// Where stacks end among the frames. Which fibers these belong to is no difference.
  private let boundaries: [Int]
  /// Reasons of failures name addresses, which differ.
  private let end: Int

  init(_ trace: Trace) {
    frames = trace.stack
    boundaries = trace.segments.count > 1 ? trace.segments.map(\.numbers.upperBound) : []
    end =
      switch trace.end {
      case .outermost: 0
      case .limit: 1
      case .cycle: 2
      case .failed: 3
      }
  }
}

private struct FiberKey: Hashable {
  private let registry: Int
  private let kind: FiberState.Kind
  private let stack: StackKey?
  private let defect: String?
  private let isOverflowed: Bool

  init(_ fiber: FiberDump) {
    registry = fiber.reference.registry
    kind = fiber.state.kind
    stack = fiber.trace.map(StackKey.init)
    defect = fiber.defect
    isOverflowed = fiber.overflow != nil
  }
}

private struct ThreadKey: Hashable {
  let signal: Int32
  let stack: StackKey?
}

extension FiberGroup {
  fileprivate init(_ fiber: FiberDump) {
    registry = fiber.reference.registry
    kind = fiber.state.kind
    ids = [fiber.reference.id...fiber.reference.id]
    count = 1
    waitReasons = []
    stackUsed = fiber.stackUsed.map { $0...$0 }
    totalStackUsed = fiber.stackUsed ?? 0
    first = fiber
  }

  /// Takes a fiber with an id that is not below those before: two damaged records may have the same.
  fileprivate mutating func add(_ fiber: FiberDump) {
    let id = fiber.reference.id
    count += 1
    if let last = ids.last, last.upperBound < id, id - last.upperBound == 1 {
      ids[ids.count - 1] = last.lowerBound...id
    } else {
      ids.append(id...id)
    }
    guard let used = fiber.stackUsed else { return }
    stackUsed = min(stackUsed?.lowerBound ?? used, used)...max(stackUsed?.upperBound ?? used, used)
    totalStackUsed = totalStackUsed.saturatingAdding(used)
  }
}
