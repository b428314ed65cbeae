internal import CFiberAsm

/// What handles of one fiber share, whatever its types. It goes when the last of them goes; the fiber's own stack holds
/// no reference to it.
@safe @usableFromInline
class FiberCore {
  @usableFromInline final let record: UnsafeFiberRecord
  /// The thread or the movable fiber that created the fiber, and to which it is bound; see `ft_thread_number`. 0 for a
  /// movable fiber.
  @usableFromInline final let thread: UInt64
  /// The body, until it starts, and what it has ended with, until the resume that answers it.
  @usableFromInline final let top: UnsafeFiberTop.Pointer
  // Changed in deinit alone.
  @exclusivity(unchecked) private final var stack: FiberStack

  /// Creates a fiber that has not started.
  ///
  /// - Parameters:
  ///   - creator: A pc in the function that creates it.
  ///   - thread: What it is bound to.
  init(
    name: String?, stack: consuming FiberStack, options: FiberOptions, creator: UInt64, thread: UInt64,
    start: consuming UnsafeFiberStart
  ) throws(FiberError) {
    let acquired = unsafe try UnsafeFiberRecord.acquire(name: name)
    unsafe record = unsafe acquired.record
    do {
      unsafe top = try unsafe UnsafeFiberTop.place(start, options: options, on: stack)
    } catch {
      unsafe record.release()
      throw error
    }
    self.thread = thread
    unsafe self.stack = stack
    unsafe record.publish(
      id: acquired.id, hasOwnState: !options.isEmpty, low: self.stack.low, high: self.stack.high,
      end: UInt64(UInt(bitPattern: top.pointee.result)), creator: creator, entry: fiberEntry, argument: top)
  }

  /// Creates a fiber that has not started and is bound to the thread or the movable fiber that runs here.
  ///
  /// - Parameter creator: A pc in the function that creates it.
  @usableFromInline
  convenience init(
    name: String?, stack: consuming FiberStack, options: FiberOptions, creator: UInt64,
    start: consuming UnsafeFiberStart
  ) throws(FiberError) {
    try unsafe self.init(
      name: name, stack: stack, options: options, creator: creator, thread: ft_thread_claim_number(), start: start)
  }

  deinit {
    switch unsafe record.state {
    case .finished, .running, .resumingAnother: break
    case .notStarted: unsafe UnsafeFiberTop.dropStart(of: top)
    case .suspended:
      // The registry's reader still sees it: it runs once more, to its end.
      requireItsThread()
      unwindDroppingResult()
    case .abandoned:
      // The thread may not have come to its end yet: what it stands on stays, and readers go on seeing it.
      unsafe stack.abandon()
      return
    }
    unsafe record.release()
  }

  /// Runs the fiber, which is suspended, to its end. Nobody asks for its result.
  final func unwindDroppingResult() {
    unsafe top.pointee.dropsResult = true
    unsafe record.unwind()
  }

  /// Lets go of the body of a fiber that has not started, and has it finished.
  final func finishWithoutStart() {
    // What the body has captured may look at the fiber when it goes.
    unsafe record.finish()
    unsafe UnsafeFiberTop.dropStart(of: top)
  }

  /// Stops the process unless this is the fiber's thread. There is no one to throw an error to, and to unwind the body
  /// here would run it where it is not bound to.
  private final func requireItsThread() {
    guard thread == ft_thread_number() else {
      let error = unsafe FiberError(
        .wrongThread, fiberID: record.id, fiberName: record.name,
        "is suspended, and its last handle was dropped \(placeRefusal(participle: "dropped"))")
      fatalError(error.description)
    }
  }

  /// What the body has ended with, to be asked for once, after its end.
  @inlinable
  final func takeResult<Return>(_: Return.Type) throws -> Return {
    try unsafe top.pointee.result.assumingMemoryBound(to: Result<Return, any Error>.self).move().get()
  }

  /// See `FiberStack.highWaterMark`.
  final var stackHighWaterMark: Int? { unsafe stack.highWaterMark }
}

/// The entry function of every fiber. Answers nil, the end.
private func fiberEntry(
  record: UnsafeMutablePointer<ft_record>, first: UnsafeMutableRawPointer?, top: UnsafeMutableRawPointer?
) -> UnsafeMutableRawPointer? {
  // Neither is ever nil: `init` gives the top, and a fiber that has not started is never cancelled.
  if let first = unsafe first, let top = unsafe top?.assumingMemoryBound(to: UnsafeFiberTop.self) {
    unsafe UnsafeFiberTop.takeRun(of: top).function(UnsafeFiberRecord(record), top, first)
  }
  return nil
}
