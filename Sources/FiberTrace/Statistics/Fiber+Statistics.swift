extension Fiber {
  /// What the fiber is suspended for: the `waiting:` of its pending ``Suspend``. Nil if it gave none, or is not suspended.
  public var waitReason: String? { unsafe core.record.waitReason }

  /// How much it has run, and on what.
  ///
  /// - Complexity: O(1).
  public var statistics: FiberStatistics {
    unsafe FiberStatistics(resumeCount: core.record.resumeCount, stackSize: core.record.stackSize)
  }
}

extension MovableFiber {
  /// What the fiber is suspended for, as it was at some moment of the call; see ``Fiber/waitReason``.
  public var waitReason: String? { unsafe core.record.waitReason }

  /// How much it has run, and on what, as it was at some moment of the call.
  ///
  /// - Complexity: O(1).
  public var statistics: FiberStatistics {
    unsafe FiberStatistics(resumeCount: core.record.resumeCount, stackSize: core.record.stackSize)
  }

  /// The most of its stack that was ever in use at a time, in bytes; see ``Fiber/stackHighWaterMark``. A lower bound while
  /// it runs on another thread.
  public var stackHighWaterMark: Int? { core.stackHighWaterMark }
}
