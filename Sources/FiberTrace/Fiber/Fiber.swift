public import CFiberAsm

/// A handle on a fiber: a function with a stack of its own, which runs when it is resumed and stops where it suspends.
///
/// <doc:FiberTrace> shows one at work.
///
/// Each ``resume(_:)`` gives the fiber a `Resume` and runs it until it suspends with a `Yield` or its body ends with a
/// `Return` or an error. Fibers nest: a body may resume other fibers. A backtrace taken in a fiber goes on in whoever
/// resumed it.
///
/// Handles are copied as references are. When the last one of a suspended fiber goes, the fiber is cancelled, as
/// ``cancel()`` does, and whatever the body then returns or throws is dropped. A body that captures a handle of its own
/// fiber keeps it alive, as a closure kept by what it captures does. (Bodies that have not started and hold one another's
/// fibers in a chain are let go of one inside the other, as all chains of references: 10,000 are no problem.)
///
/// As in any deinit, the variable that the last handle is dropped from is still being modified while the fiber is
/// cancelled: a body whose `defer`s use that very variable is stopped with "overlapping accesses". Take the handle out
/// of it first.
///
/// A fiber is bound to the thread that created it, or to the ``MovableFiber`` in whose body it was created. To resume it
/// elsewhere, or after that thread's end, is an error. To drop the last handle of a suspended one there stops the
/// process with a message, since its body could not be unwound.
///
/// A C++ exception that leaves the body ends the process. A fiber that suspends inside a C++ `catch`, or with another
/// floating-point control word than its resumer's, needs one of the ``FiberOptions``.
public struct Fiber<Resume, Yield, Return>: Identifiable {
  @usableFromInline let core: FiberCore

  /// What a fiber runs: it gets the handle that suspends it and the value of the first resume.
  public typealias Body = (Suspend, Resume) throws -> Return

  @usableFromInline
  init(core: FiberCore) {
    self.core = core
  }

  /// Creates a fiber on a stack of its own. The body starts at the first resume.
  ///
  /// Debuggers are told the function that calls this initializer, which is transparent for that sake: the call of
  /// `ft_caller_pc` lands in that function, in debug builds too.
  ///
  /// - Parameters:
  ///   - name: What dumps, backtraces and errors call it; up to its first NUL.
  ///   - stackSize: Bytes of stack, see ``FiberStack/init(size:guard:)``.
  ///   - options: What it does not share with its thread's other fibers.
  ///   - body: What it runs.
  /// - Throws: What ``FiberStack/init(size:guard:)`` and ``init(name:stack:options:_:)`` throw.
  /// - Complexity: O(1), two system calls.
  @_transparent
  public init(
    name: String? = nil, stackSize: Int = FiberStack.defaultSize, options: FiberOptions = [],
    _ body: @escaping Body
  ) throws(FiberError) {
    self.init(
      core: try unsafe FiberCore(
        name: name, stack: try FiberStack(size: stackSize), options: options, creator: ft_caller_pc(),
        start: UnsafeFiberStart(body)))
  }

  /// Creates a fiber on `stack`, which it owns from now on. The body starts at the first resume.
  ///
  /// - Throws: ``FiberError/Code/outOfMemory`` if there is no memory for its record;
  ///   ``FiberError/Code/shadowStack`` on a thread with a shadow stack.
  /// - Complexity: O(1).
  @_transparent
  public init(
    name: String? = nil, stack: consuming FiberStack, options: FiberOptions = [], _ body: @escaping Body
  ) throws(FiberError) {
    self.init(
      core: try unsafe FiberCore(
        name: name, stack: stack, options: options, creator: ft_caller_pc(), start: UnsafeFiberStart(body)))
  }

  /// Creates a fiber on a stack of `pool`, which gets it back when the fiber goes. The body starts at the first resume.
  ///
  /// - Throws: What ``FiberStackPool/take()`` and ``init(name:stack:options:_:)`` throw.
  /// - Complexity: O(1), no system call once the pool has an idle stack.
  @_transparent
  public init(
    name: String? = nil, pool: FiberStackPool, options: FiberOptions = [], _ body: @escaping Body
  ) throws(FiberError) {
    self.init(
      core: try unsafe FiberCore(
        name: name, stack: try pool.take(), options: options, creator: ft_caller_pc(), start: UnsafeFiberStart(body)))
  }

  /// What a resume has come back with.
  public enum Outcome {
    /// The fiber has suspended with this value and can be resumed again.
    case yielded(Yield)
    /// The body has returned this value; the fiber has finished.
    case returned(Return)
  }

  /// Runs the fiber until it suspends or its body ends.
  ///
  /// The first resume starts the body with `value`; each later one makes the pending suspend return it. No
  /// allocation, lock or system call.
  ///
  /// - Throws: The error that the body has thrown, with which the fiber has finished. A ``FiberError`` of this fiber if
  ///   it cannot be resumed: ``FiberError/Code/running``, ``FiberError/Code/resumingAnother``,
  ///   ``FiberError/Code/finished``, ``FiberError/Code/abandoned`` or ``FiberError/Code/wrongThread``.
  /// - Complexity: O(1), and what the body does.
  @inlinable @inline(__always)
  public func resume(_ value: consuming Resume) throws -> Outcome {
    // Always inlined: where the fiber suspends in a function of its own, a `ret` from here would be mispredicted, at 8 ns.
    guard core.isResumable else { throw core.refusal(of: .resume) }
    // `core` is used after the switch, so that it outlives whatever the body does to other handles.
    guard let yielded = unsafe core.record.resume(value, yielding: Yield.self) else {
      return .returned(try core.takeResult(Return.self))
    }
    return .yielded(yielded)
  }

  /// Ends the fiber, if it has not ended.
  ///
  /// The pending suspend of a suspended fiber throws ``FiberError/Code/cancelled``, as does each one after it, so that
  /// its `defer`s and deinits run and its body ends. A body that catches that error may go on, but not suspend any
  /// more: at the 1,001st suspend that is refused the process stops with the fiber's name. A fiber that has not started
  /// lets go of what its body has captured, and never runs. Afterwards its state is ``FiberState/finished``.
  ///
  /// - Returns: What the body has returned, if it did; nil if it has thrown that it is cancelled, if it has never run,
  ///   or if the fiber had finished before.
  /// - Throws: Another error that the body has thrown. A ``FiberError`` of this fiber if it cannot be cancelled:
  ///   ``FiberError/Code/running``, ``FiberError/Code/resumingAnother`` or ``FiberError/Code/wrongThread``.
  /// - Complexity: O(1), and what the body does.
  @discardableResult
  public func cancel() throws -> Return? {
    guard core.isCancellable else { throw core.refusal(of: .cancel) }
    return try core.cancel(Return.self)
  }

  /// Its id, unique in this copy of the library for the life of the process.
  public var id: UInt64 { unsafe core.record.id }

  /// The name it was created with.
  public var name: String? { unsafe core.record.name }

  /// The most of its stack that was ever in use at a time, in bytes; see ``FiberStack/highWaterMark``.
  public var stackHighWaterMark: Int? { core.stackHighWaterMark }

  /// What it is doing, as seen by the caller, who is on the fiber's thread.
  public var state: FiberState { unsafe core.record.state }
}

extension Fiber where Resume == Void {
  /// Runs the fiber until it suspends or its body ends; see ``resume(_:)``.
  @inlinable @inline(__always)
  public func resume() throws -> Outcome {
    try resume(())
  }
}

// Bound to its thread.
@available(*, unavailable)
extension Fiber: Sendable {}

extension Fiber.Outcome: Equatable where Yield: Equatable, Return: Equatable {}
extension Fiber.Outcome: Sendable where Yield: Sendable, Return: Sendable {}
