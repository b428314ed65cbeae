/// What of stacks has to be the same where they are told once.
public enum StackComparison: Sendable {
  /// Every frame, those left out by a limit included.
  case whole
  /// The frames that are shown.
  case shown
}

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
  /// How many frames are left out of each, from the least to the most: not the same only where the shown ones were compared.
  public fileprivate(set) var omittedFrames: ClosedRange<Int>
  /// The first of them, whose trace is that of all, but for frames left out where the shown ones were compared.
  public let first: FiberDump
}

/// Threads that have identical stacks, fibers on them included.
public struct ThreadGroup: Sendable {
  /// Their ids, in the order of the dump.
  public fileprivate(set) var ids: [Int32]
  /// How many frames are left out of each, from the least to the most: not the same only where the shown ones were compared.
  public fileprivate(set) var omittedFrames: ClosedRange<Int>
  /// The first of them, whose trace is that of all, but for frames left out where the shown ones were compared.
  public let first: ThreadDump
}

extension Dump {
  /// Fibers by identical stacks, the largest group first. O(frames + n log n).
  public func fiberGroups(by comparison: StackComparison = .whole) -> [FiberGroup] {
    var indexes: [FiberKey: Int] = [:]
    var groups: [FiberGroup] = []
    var reasons: [[String: Int]] = []
    for fiber in fibers {
      let key = FiberKey(fiber, by: comparison)
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
  public func threadGroups(by comparison: StackComparison = .whole) -> [ThreadGroup] {
    var indexes: [ThreadKey: Int] = [:]
    var groups: [ThreadGroup] = []
    for thread in threads {
      let key = ThreadKey(signal: thread.signal, stack: thread.trace.map { StackKey($0, by: comparison) })
      if let index = indexes[key] {
        groups[index].add(thread)
      } else {
        indexes[key] = groups.count
        groups.append(ThreadGroup(thread))
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
  /// Where frames are left out, nil where none are or where they are compared too.
  private let gap: Int?
  /// Where stacks end among the frames. Which fibers these belong to is no difference.
  private let boundaries: [Int]
  /// Reasons of failures name addresses, which differ.
  private let end: Int

  init(_ trace: Trace, by comparison: StackComparison) {
    let omitted = trace.omitted
    let boundaries = trace.segments.count > 1 ? trace.segments.map(\.numbers.upperBound) : []
    if comparison == .whole || omitted.isEmpty {
      frames = trace.stack
      gap = nil
      self.boundaries = boundaries
    } else {
      frames = Array(trace.stack[..<omitted.lowerBound] + trace.stack[omitted.upperBound...])
      gap = omitted.lowerBound
      // Those among frames left out are told, and come where the gap is.
      self.boundaries = boundaries.map { $0 - min(max($0 - omitted.lowerBound, 0), omitted.count) }
    }
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

  init(_ fiber: FiberDump, by comparison: StackComparison) {
    registry = fiber.reference.registry
    kind = fiber.state.kind
    stack = fiber.trace.map { StackKey($0, by: comparison) }
    defect = fiber.defect
    isOverflowed = fiber.overflow != nil
  }
}

private struct ThreadKey: Hashable {
  let signal: Int32
  let stack: StackKey?
}

extension ThreadGroup {
  fileprivate init(_ thread: ThreadDump) {
    ids = [thread.id]
    omittedFrames = thread.trace.omittedFrames
    first = thread
  }

  fileprivate mutating func add(_ thread: ThreadDump) {
    ids.append(thread.id)
    omittedFrames = omittedFrames.union(thread.trace.omittedFrames)
  }
}

extension Trace? {
  /// How many frames are left out, as a range of that one number.
  fileprivate var omittedFrames: ClosedRange<Int> {
    let count = self?.omitted.count ?? 0
    return count...count
  }
}

extension ClosedRange<Int> {
  fileprivate func union(_ other: Self) -> Self {
    Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
  }
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
    omittedFrames = fiber.trace.omittedFrames
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
    omittedFrames = omittedFrames.union(fiber.trace.omittedFrames)
    guard let used = fiber.stackUsed else { return }
    stackUsed = min(stackUsed?.lowerBound ?? used, used)...max(stackUsed?.upperBound ?? used, used)
    totalStackUsed = totalStackUsed.saturatingAdding(used)
  }
}
