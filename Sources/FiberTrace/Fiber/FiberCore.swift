internal import CFiberAsm

/// The part of a fiber's core that does not know its types: where the switch's entry function begins.
@usableFromInline
class AnyFiberCore {
  /// Runs the body of the core at `core` on the fiber's stack, with the value in the slot at `first`.
  ///
  /// A class method: a reference to the core would live on the fiber's stack as long as the body runs, and the fiber would
  /// keep itself alive.
  class func run(core: UnsafeMutableRawPointer, first: UnsafeMutableRawPointer) {
    preconditionFailure("AnyFiberCore is abstract")
  }
}

/// What handles of one fiber share. It goes when the last of them goes; the fiber's own stack holds no reference to it.
@safe @usableFromInline
class FiberCore<Resume, Yield, Return>: AnyFiberCore {
  @usableFromInline typealias Body = (Fiber<Resume, Yield, Return>.Suspend, Resume) throws -> Return

  /// A function in an optional would be stored in its most general form, and each call would go through two more frames.
  struct BodyBox {
    let body: Body
  }

  @usableFromInline final let record: UnsafeFiberRecord
  /// The thread or the movable fiber that created the fiber, and to which it is bound; see `ft_thread_number`. 0 for a movable
  /// fiber.
  @usableFromInline final let thread: UInt64
  /// Until the first resume, which takes it to the fiber's stack.
  final var body: BodyBox?
  /// From the end of the body until the resume that answers it.
  final var result: Result<Return, any Error>?
  private final var stack: FiberStack

  /// Creates a fiber that has not started.
  ///
  /// - Parameters:
  ///   - creator: A pc in the function that creates it.
  ///   - thread: What it is bound to.
  init(
    name: String?, stack: consuming FiberStack, creator: UInt64, thread: UInt64, body: @escaping Body
  ) throws(FiberError) {
    let acquired = unsafe try UnsafeFiberRecord.acquire(name: name)
    unsafe record = unsafe acquired.record
    self.thread = thread
    self.body = BodyBox(body: body)
    self.stack = stack
    super.init()
    unsafe record.publish(
      id: acquired.id, stack: self.stack, creator: creator, entry: fiberEntry,
      argument: Unmanaged.passUnretained(self).toOpaque())
  }

  /// Creates a fiber that has not started and is bound to the thread or the movable fiber that runs here.
  ///
  /// - Parameter creator: A pc in the function that creates it.
  @usableFromInline
  convenience init(
    name: String?, stack: consuming FiberStack, creator: UInt64, body: @escaping Body
  ) throws(FiberError) {
    try self.init(name: name, stack: stack, creator: creator, thread: ft_thread_claim_number(), body: body)
  }

  deinit {
    switch unsafe record.state {
    case .suspended:
      // The registry's reader still sees it: it runs once more, to its end.
      requireItsThread()
      unsafe record.unwind()
    case .abandoned:
      // The thread may not have come to its end yet: what it stands on stays, and readers go on seeing it.
      stack.abandon()
      return
    case .notStarted, .running, .resumingAnother, .finished: break
    }
    unsafe record.release()
  }

  /// Stops the process unless this is the fiber's thread. There is no one to throw an error to, and to unwind the body here
  /// would run it where it is not bound to.
  private final func requireItsThread() {
    guard thread == ft_thread_number() else {
      let error = unsafe FiberError(
        .wrongThread, fiberID: record.id, fiberName: record.name,
        "is suspended, and its last handle was dropped \(placeRefusal(participle: "dropped"))")
      fatalError(error.description)
    }
  }

  @usableFromInline
  override class func run(core: UnsafeMutableRawPointer, first: UnsafeMutableRawPointer) {
    let (body, suspend) = unsafe start(core)
    let value = unsafe UnsafeFiberRecord.take(Resume.self, from: first)
    let result: Result<Return, any Error>
    do {
      result = .success(try body(suspend, value))
    } catch {
      result = .failure(error)
    }
    unsafe finish(core, result)
  }

  /// Takes the body out of the core. Not inlined: no reference to the core is left when it returns.
  @inline(never)
  private static func start(_ core: UnsafeMutableRawPointer) -> (Body, Fiber<Resume, Yield, Return>.Suspend) {
    let core = unsafe Unmanaged<FiberCore>.fromOpaque(core).takeUnretainedValue()
    guard let body = core.body.take() else { preconditionFailure("a fiber starts once") }
    return (body.body, unsafe Fiber.Suspend(record: core.record, identity: core.record.identity))
  }

  /// Leaves the result in the core. Not inlined, as `start`.
  @inline(never)
  private static func finish(_ core: UnsafeMutableRawPointer, _ result: consuming Result<Return, any Error>) {
    unsafe Unmanaged<FiberCore>.fromOpaque(core).takeUnretainedValue().result = result
  }

  /// What the body has ended with, to be asked for once, after its end.
  @usableFromInline
  final func takeResult() throws -> Return {
    guard let result = result.take() else { preconditionFailure("a body ends once") }
    return try result.get()
  }

  /// See `FiberStack.highWaterMark`.
  final var stackHighWaterMark: Int? { stack.highWaterMark }
}

/// The entry function of every fiber. Answers nil, the end.
private func fiberEntry(
  record: UnsafeMutablePointer<ft_record>, first: UnsafeMutableRawPointer?, core: UnsafeMutableRawPointer?
) -> UnsafeMutableRawPointer? {
  // Neither is ever nil: `init` gives the core, and a fiber that has not started is never cancelled.
  if let first = unsafe first, let core = unsafe core {
    unsafe AnyFiberCore.type(of: core).run(core: core, first: first)
  }
  return nil
}

extension AnyFiberCore {
  /// The class of the core at `core`. Not inlined, as `FiberCore.start`.
  @inline(never)
  fileprivate static func type(of core: UnsafeMutableRawPointer) -> AnyFiberCore.Type {
    unsafe Swift.type(of: Unmanaged<AnyFiberCore>.fromOpaque(core).takeUnretainedValue())
  }
}
