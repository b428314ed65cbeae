/// How much a fiber has run, and on what. ``process`` is about all of them.
public struct FiberStatistics: Sendable, Hashable {
  /// How often it was resumed.
  public let resumeCount: UInt64
  /// Bytes of its stack, without its guard.
  public let stackSize: Int
}
