internal import CFiberAsm

/// What lies at the end of a fiber's stack, above the words of the switch. Below it lie the body and what runs it,
/// until it starts, and the place for what it ends with.
///
/// So the core that handles share knows no types. It needs one allocation of a fixed size, and no metadata when it
/// goes. Nothing here refers to the core: the last handle's end cancels the fiber.
@unsafe @usableFromInline
struct UnsafeFiberTop {
  @usableFromInline typealias Pointer = UnsafeMutablePointer<UnsafeFiberTop>

  /// Where what the body ends with goes, a `Result`.
  @usableFromInline let result: UnsafeMutableRawPointer
  /// Nobody will ask for what the body ends with.
  @usableFromInline var dropsResult = false
  /// Of use to a fiber that has ``FiberOptions`` alone.
  var ownState: FiberOwnState

  /// A body whose types are forgotten: a function's two words.
  @usableFromInline
  struct Body {
    let words: () -> Void
  }

  /// What runs the body, with the first value in the slot at the last parameter.
  @unsafe @usableFromInline
  struct Run {
    @usableFromInline let function: (UnsafeFiberRecord, Pointer, UnsafeMutableRawPointer) -> Void

    @inlinable
    init(_ function: @escaping (UnsafeFiberRecord, Pointer, UnsafeMutableRawPointer) -> Void) {
      unsafe self.function = unsafe function
    }
  }

  /// Where the body lies.
  @inlinable
  static func body(of top: Pointer) -> UnsafeMutableRawPointer {
    unsafe UnsafeMutableRawPointer(top) - MemoryLayout<Body>.size
  }

  /// Where what runs it lies until it starts.
  private static func run(of top: Pointer) -> UnsafeMutableRawPointer {
    unsafe body(of: top) - MemoryLayout<Run>.size
  }

  /// Takes what runs the body, as it starts.
  static func takeRun(of top: Pointer) -> Run {
    unsafe run(of: top).assumingMemoryBound(to: Run.self).move()
  }

  /// Lets go of a body that will not run.
  static func dropStart(of top: Pointer) {
    _ = unsafe takeRun(of: top)
    unsafe body(of: top).assumingMemoryBound(to: Body.self).deinitialize(count: 1)
  }

  /// Lays `start` out at the end of `stack`.
  ///
  /// - Throws: ``FiberError/Code/invalidStackSize`` if what the body returns has no room there.
  static func place(
    _ start: consuming UnsafeFiberStart, options: FiberOptions, on stack: borrowing FiberStack
  ) throws(FiberError) -> Pointer {
    guard unsafe start.resultSize <= stack.size / 4 else {
      throw unsafe FiberError(
        .invalidStackSize,
        "a fiber's stack of \(stack.size) bytes has no room for the \(start.resultSize) bytes that its body returns; "
          + "ask for more")
    }
    // Never nil: a stack has a page or more.
    let end = unsafe UnsafeMutableRawPointer(bitPattern: (UInt(stack.high) - UInt(MemoryLayout<Self>.stride)) & ~15)
    guard let end = unsafe end else { preconditionFailure("a stack has an address") }
    let top = unsafe end.bindMemory(to: Self.self, capacity: 1)
    let run = unsafe run(of: top)
    let result = unsafe UnsafeMutableRawPointer(
      bitPattern: (UInt(bitPattern: run) - UInt(start.resultSize)) & ~UInt(start.resultAlignment - 1))
    guard let result = unsafe result else { preconditionFailure("a stack has an address") }
    unsafe top.initialize(to: UnsafeFiberTop(result: result, ownState: FiberOwnState(options: options)))
    unsafe run.bindMemory(to: Run.self, capacity: 1).initialize(to: start.run)
    unsafe body(of: top).bindMemory(to: Body.self, capacity: 1).initialize(to: start.body)
    return unsafe top
  }
}

/// A body with what has to be known of its types.
@unsafe @usableFromInline
struct UnsafeFiberStart {
  @usableFromInline let run: UnsafeFiberTop.Run
  @usableFromInline let body: UnsafeFiberTop.Body
  @usableFromInline let resultSize: Int
  @usableFromInline let resultAlignment: Int

  @inlinable
  init<Resume, Yield, Return>(_ body: @escaping Fiber<Resume, Yield, Return>.Body) {
    unsafe run = unsafe UnsafeFiberTop.Run {
      unsafe FiberBody<Resume, Yield, Return>.run(record: $0, top: $1, first: $2)
    }
    // A function by itself would be cast in its most general form, and each call would go through two more frames.
    unsafe self.body = unsafe unsafeBitCast(FiberBody(body: body), to: UnsafeFiberTop.Body.self)
    unsafe resultSize = MemoryLayout<Result<Return, any Error>>.size
    unsafe resultAlignment = MemoryLayout<Result<Return, any Error>>.alignment
  }
}

/// A body with its types.
@usableFromInline
struct FiberBody<Resume, Yield, Return> {
  @usableFromInline let body: Fiber<Resume, Yield, Return>.Body

  @inlinable
  init(body: @escaping Fiber<Resume, Yield, Return>.Body) {
    self.body = body
  }

  /// Runs the body on the fiber's stack. Nothing of it is left when it returns but the result.
  @inlinable
  static func run(record: UnsafeFiberRecord, top: UnsafeFiberTop.Pointer, first: UnsafeMutableRawPointer) {
    let body = unsafe UnsafeFiberTop.body(of: top).assumingMemoryBound(to: FiberBody.self).move()
    let value = unsafe UnsafeFiberRecord.take(Resume.self, from: first)
    let suspend = unsafe Fiber<Resume, Yield, Return>.Suspend(record: record, identity: record.identity)
    let result: Result<Return, any Error>
    do {
      result = .success(try body.body(suspend, value))
    } catch {
      result = .failure(error)
    }
    if unsafe !top.pointee.dropsResult {
      unsafe top.pointee.result.initializeMemory(as: Result<Return, any Error>.self, to: result)
    }
  }
}
