public import CFiberAsm

/// A handle on a fiber that any thread may resume: as ``Fiber``, where that is bound to its thread.
///
/// ```swift
/// let squares = try MovableFiber<Void, Int, Void> { suspend, _ in
///   for number in 1... { try suspend(number * number) }
/// }
/// _ = try squares.resume()  // .yielded(1), here
/// Thread.detachNewThread { _ = try? squares.resume() }  // .yielded(4), there
/// ```
///
/// Choose it for what a pool of threads works off; choose ``Fiber`` for generators, parsers and whatever else stays in one place,
/// since what cannot move costs less: a round trip takes 0.41 of that of Boost's `fcontext`, where a movable fiber takes 0.95
/// (`Docs/benchmarks.md`, an integer each way).
///
/// ### What crosses threads
///
/// Everything that crosses a switch is `Sendable`, and the body may capture only what the compiler can see to be `Sendable` or
/// given away. What the body makes for itself need not be: it moves along, since a fiber runs on one thread at a time. That goes for
/// bound fibers that the body creates, too: they belong to this fiber, wherever it runs, as those that a thread creates
/// belong to the thread. A bound fiber from outside cannot be resumed in the body, nor one of the body's own outside:
/// ``FiberError/Code/wrongThread``.
///
/// What a thread keeps for itself does not move. A body must not hold a lock, rely on a thread-local variable, or be inside a C++
/// `catch` while it suspends. (Swift's own records of open accesses are moved.)
///
/// ### Who runs it
///
/// Each resume claims the fiber by one atomic instruction. Of two threads that resume it at once, one runs it, and the
/// other gets ``FiberError/Code/running``; nobody waits. What was done in a resume that has returned is seen by the next,
/// on whatever thread.
///
/// When the last handle goes, on any thread, the fiber is cancelled there.
public struct MovableFiber<Resume: Sendable, Yield: Sendable, Return: Sendable>: Sendable, Identifiable {
  @usableFromInline let core: MovableFiberCore

  /// What suspends the fiber; see ``Fiber/Suspend``.
  public typealias Suspend = Fiber<Resume, Yield, Return>.Suspend

  /// What a resume has come back with; see ``Fiber/Outcome``.
  public typealias Outcome = Fiber<Resume, Yield, Return>.Outcome

  /// What a fiber runs: it gets the handle that suspends it and the value of the first resume.
  public typealias Body = (Suspend, Resume) throws -> Return

  @usableFromInline
  init(core: MovableFiberCore) {
    self.core = core
  }

  /// Creates a fiber on a stack of its own. The body starts at the first resume.
  ///
  /// - Parameters:
  ///   - name: What dumps, backtraces and errors call it; up to its first NUL.
  ///   - stackSize: Bytes of stack, see ``FiberStack/init(size:guard:)``.
  ///   - options: What it does not share with other fibers.
  ///   - body: What it runs, on any thread.
  /// - Throws: As ``Fiber/init(name:stackSize:options:_:)``.
  /// - Complexity: O(1), two system calls.
  @_transparent
  public init(
    name: String? = nil, stackSize: Int = FiberStack.defaultSize, options: FiberOptions = [],
    _ body: sending @escaping Body
  ) throws(FiberError) {
    self.init(
      core: try unsafe MovableFiberCore(
        name: name, stack: try FiberStack(size: stackSize), options: options, creator: ft_caller_pc(),
        start: UnsafeFiberStart(body)))
  }

  /// Creates a fiber on `stack`, which it owns from now on. The body starts at the first resume.
  ///
  /// - Throws: As ``Fiber/init(name:stack:options:_:)``.
  /// - Complexity: O(1).
  @_transparent
  public init(
    name: String? = nil, stack: consuming FiberStack, options: FiberOptions = [], _ body: sending @escaping Body
  ) throws(FiberError) {
    self.init(
      core: try unsafe MovableFiberCore(
        name: name, stack: stack, options: options, creator: ft_caller_pc(), start: UnsafeFiberStart(body)))
  }

  /// Creates a fiber on a stack of `pool`, which gets it back when the fiber goes. The body starts at the first resume.
  ///
  /// - Throws: As ``Fiber/init(name:pool:options:_:)``.
  /// - Complexity: O(1), no system call once the pool has an idle stack.
  @_transparent
  public init(
    name: String? = nil, pool: FiberStackPool, options: FiberOptions = [], _ body: sending @escaping Body
  ) throws(FiberError) {
    self.init(
      core: try unsafe MovableFiberCore(
        name: name, stack: try pool.take(), options: options, creator: ft_caller_pc(), start: UnsafeFiberStart(body)))
  }

  /// Runs the fiber on this thread until it suspends or its body ends.
  ///
  /// The first resume starts the body with `value`; each later one makes the pending suspend return it. No allocation, lock or
  /// system call.
  ///
  /// - Throws: The error that the body has thrown, with which the fiber has finished. A ``FiberError`` of this fiber if it
  ///   cannot be resumed: ``FiberError/Code/running`` (perhaps on another thread), ``FiberError/Code/resumingAnother``,
  ///   ``FiberError/Code/finished`` or ``FiberError/Code/abandoned``.
  /// - Complexity: O(1), and what the body does.
  @inlinable @inline(__always)
  public func resume(_ value: consuming Resume) throws -> Outcome {
    // Always inlined, as `Fiber.resume`.
    guard core.claim() else { throw core.claimRefusal(of: .resume) }
    let previous = core.enter()
    let yielded = unsafe core.record.resume(value, yielding: Yield.self)
    core.exit(to: previous)
    guard let yielded else {
      core.giveUp(.finished)
      return .returned(try core.takeResult(Return.self))
    }
    core.giveUp(.suspended)
    return .yielded(yielded)
  }

  /// Ends the fiber, if it has not ended, on this thread; see ``Fiber/cancel()``.
  ///
  /// - Returns: What the body has returned, if it did; nil if it has thrown that it is cancelled, if it has never run, or if
  ///   the fiber had finished before.
  /// - Throws: Another error that the body has thrown. A ``FiberError`` of this fiber if it cannot be cancelled:
  ///   ``FiberError/Code/running`` (perhaps on another thread), ``FiberError/Code/resumingAnother`` or
  ///   ``FiberError/Code/abandoned``.
  /// - Complexity: O(1), and what the body does.
  @discardableResult
  public func cancel() throws -> Return? { try core.cancelClaimed(Return.self) }

  /// Its id, unique in this copy of the library for the life of the process.
  public var id: UInt64 { core.id }

  /// The name it was created with.
  public var name: String? { unsafe core.record.name }

  /// What it is doing. Another thread may have changed that before the caller looks at the answer, and to one that has not
  /// resumed it it is ``FiberState/running`` also while it is ``FiberState/resumingAnother``.
  public var state: FiberState { core.state }
}

extension MovableFiber where Resume == Void {
  /// Runs the fiber until it suspends or its body ends; see ``resume(_:)``.
  @inlinable @inline(__always)
  public func resume() throws -> Outcome {
    try resume(())
  }
}
