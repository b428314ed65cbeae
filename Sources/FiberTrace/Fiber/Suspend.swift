extension Fiber {
  /// What suspends a fiber: given to its body, called as a function by code that runs on the fiber.
  ///
  /// It holds no reference to the fiber. Called when the fiber is gone, or by another fiber, it throws.
  @safe
  public struct Suspend {
    @usableFromInline let record: UnsafeFiberRecord
    /// What the record's identity is while the fiber neither has finished nor is being cancelled.
    @usableFromInline let identity: UInt64

    @inlinable
    init(record: UnsafeFiberRecord, identity: UInt64) {
      unsafe self.record = unsafe record
      self.identity = identity
    }

    /// Suspends the fiber: its resumer's `resume` answers `value`. Returns the value of the next resume.
    ///
    /// No allocation, lock or system call.
    ///
    /// - Parameters:
    ///   - value: What the resumer gets.
    ///   - reason: What the fiber waits for, as dumps shall say while it is suspended.
    /// - Throws: ``FiberError/Code/cancelled`` when the fiber is cancelled, see ``Fiber/cancel()``: let it pass;
    ///   ``FiberError/Code/notOnItsStack`` when the caller does not run on this fiber's stack, or the fiber is gone.
    /// - Complexity: O(1).
    @inlinable @inline(__always)
    @discardableResult
    public func callAsFunction(
      _ value: consuming Yield, waiting reason: StaticString? = nil
    ) throws(FiberError) -> Resume {
      // Always inlined, as `resume`.
      guard unsafe record.identity == identity && record.isCurrentStack else { throw refusal() }
      let next: Resume? =
        if let reason {
          unsafe record.suspend(value, waiting: reason, resuming: Resume.self)
        } else {
          unsafe record.suspend(value, resuming: Resume.self)
        }
      guard let next else { throw refusal() }
      return next
    }

    /// Why it cannot suspend, or goes on without having been resumed.
    @usableFromInline @inline(never)
    func refusal() -> FiberError {
      unsafe record.suspendRefusal(identity: identity)
    }
  }
}

extension Fiber.Suspend where Yield == Void {
  /// Suspends the fiber; see ``callAsFunction(_:waiting:)``.
  @inlinable @inline(__always)
  @discardableResult
  public func callAsFunction(waiting reason: StaticString? = nil) throws(FiberError) -> Resume {
    try callAsFunction((), waiting: reason)
  }
}

// Bound to its fiber's stack.
@available(*, unavailable)
extension Fiber.Suspend: Sendable {}
