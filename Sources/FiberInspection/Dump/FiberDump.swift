/// A fiber with its state and its trace.
public struct FiberDump: Sendable {
  /// Which fiber it is.
  public var reference: FiberReference
  /// What it does.
  public var state: FiberState
  /// How the state is known.
  public var evidence: Evidence
  /// Why it is suspended, nil if no reason was given.
  public var waitReason: String?
  /// Bytes of its stack in use; nil if unknown, or if it has not started or has finished.
  public var stackUsed: UInt64?
  /// Its stack has overflowed; nil if nothing shows that.
  public var overflow: StackOverflow?
  /// Bytes of its whole stack, without a guard; nil if the record does not say.
  public var stackSize: UInt64?
  /// How often it was resumed.
  public var timesResumed: UInt64
  /// Where it was created, nil if its record does not say.
  public var creation: Location?
  /// Its frames; nil for one that has none, because it has not started or has finished, and where none were found. Those of a fiber on
  /// a thread are a part of that thread's trace, without the stacks that it continues on.
  public var trace: Trace?
  /// Whose stack its base leads to; nil for one on no thread, and where that is unknown.
  public var resumer: StackOwner?
  /// What is wrong with its record, in one line; it is not walked then.
  public var defect: String?

  /// Its trace is known to end too early, or could not be had.
  public var isBroken: Bool { defect != nil || (trace?.isBroken ?? false) || state == .unlocated }

  /// How a state is known.
  public enum Evidence: String, Sendable {
    /// By its record.
    case record
    /// Its base occurs in a thread's trace.
    case trace
    /// A thread's stack pointer lies in its stack, though that thread's trace does not reach its base.
    case stackPointer
    /// The chain of links from such a fiber leads to it.
    case link
  }
}

extension FiberState {
  /// A state without what belongs to it, in the order of a summary.
  public enum Kind: String, Sendable, CaseIterable {
    case running
    case resuming
    case switching
    case suspended
    case notStarted = "not started"
    case finished
    case abandoned
    /// `unlocated`.
    case notFound = "not found"
  }

  /// What kind of state it is.
  public var kind: Kind {
    switch self {
    case .running: .running
    case .resuming: .resuming
    case .switching: .switching
    case .suspended: .suspended
    case .notStarted: .notStarted
    case .finished: .finished
    case .abandoned: .abandoned
    case .unlocated: .notFound
    }
  }

  /// The thread that it is on, as far as that is known.
  public var thread: Int32? {
    switch self {
    case .running(let thread), .resuming(_, let thread), .switching(let thread): thread
    case .suspended, .notStarted, .finished, .abandoned, .unlocated: nil
    }
  }
}

/// What a fiber does.
public enum FiberState: Sendable, Equatable {
  /// Its code runs on a thread.
  case running(thread: Int32)
  /// It is on a thread too, and waits for the fiber that it resumed, here given by its stack.
  case resuming(StackOwner, thread: Int32)
  /// The thread was caught between taking it up, or leaving it, and the switch itself: its frames are those it had before.
  case switching(thread: Int32)
  /// It left by suspending, and waits to be resumed.
  case suspended
  /// It was never resumed.
  case notStarted
  /// Its body has ended.
  case finished
  /// Its thread has ended inside it, by `pthread_exit` or `pthread_cancel`.
  case abandoned
  /// Its record says that it is on a thread, and nothing shows on which.
  case unlocated
}
