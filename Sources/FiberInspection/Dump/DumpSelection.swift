internal import Glibc

/// What a dump is to show: sections, and fibers by what they do and how they are called. A fiber is shown if each kind of
/// condition that is given holds.
public struct DumpSelection: Sendable {
  /// Threads are shown.
  public var showsThreads = true
  /// Fibers are shown.
  public var showsFibers = true
  /// Fibers that do one of these; empty for any.
  public var states: Set<FiberState.Kind> = []
  /// Fibers with one of these ids; empty for any.
  public var ids: [FiberIDs] = []
  /// Fibers whose name matches one of these patterns of fnmatch(3), as a whole; empty for any, with or without a name. What `?` and
  /// `[` take for a character goes by the process's LC_CTYPE.
  public var names: [String] = []

  /// Everything.
  public init() {}

  /// Some fibers are left out by a condition.
  public var isFiltered: Bool { !(states.isEmpty && ids.isEmpty && names.isEmpty) }

  /// Whether a fiber is shown. O(conditions).
  ///
  /// - Parameter suffix: what names its registry in the dump, "" where one alone has fibers.
  func contains(_ fiber: FiberReference, state: FiberState, suffix: String) -> Bool {
    guard showsFibers, states.isEmpty || states.contains(state.kind) else { return false }
    guard ids.isEmpty || ids.contains(where: { $0.contains(fiber.id, suffix: suffix) }) else { return false }
    guard !names.isEmpty else { return true }
    guard let name = fiber.name else { return false }
    return names.contains { unsafe fnmatch($0, name, 0) == 0 }
  }
}

/// Ids of fibers, as people write them: `7`, `3-9`, `7@RUNTIME` where several registries have fibers.
public struct FiberIDs: Sendable, Hashable {
  /// From the first to the last.
  public var range: ClosedRange<UInt64>
  /// What stands behind `#7@` in the dump; nil for every registry.
  public var registry: String?

  /// The ids that `text` names; nil if it is no such text.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { end in
      UInt64(end.hasPrefix("#") ? end.dropFirst() : end[...])
    }
    guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1], first <= last else { return nil }
    range = first...last
    if parts.count == 2 {
      guard !parts[1].isEmpty else { return nil }
      registry = String(parts[1])
    }
  }

  func contains(_ id: UInt64, suffix: String) -> Bool {
    guard range.contains(id) else { return false }
    guard let registry else { return true }
    return suffix == "@" + registry
  }
}
