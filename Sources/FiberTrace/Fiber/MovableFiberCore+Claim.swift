public import CFiberAsm
public import Synchronization

extension MovableFiberCore {
  /// Takes the fiber, with all that other threads have done in it, if it can be run. Who gets it gives it up again.
  @inlinable @inline(__always)
  func claim() -> Bool {
    let phase = phase.load(ordering: .relaxed)
    guard phase == .suspended || phase == .notStarted else { return false }
    return self.phase.compareExchange(
      expected: phase, desired: .claimed, successOrdering: .acquiring, failureOrdering: .relaxed
    ).exchanged
  }

  /// Lets the next have the fiber, which does not run, and all that was done in it.
  @inlinable @inline(__always)
  func giveUp(_ phase: FiberPhase) {
    self.phase.store(phase, ordering: .releasing)
  }

  /// Before the fiber runs on this thread. Answers the number of who resumes it.
  @inlinable @inline(__always)
  func enter() -> UInt64 {
    unsafe fence.enter()
    let previous = ft_thread_number()
    unsafe ft_thread_set_number(number)
    return previous
  }

  /// After it ran.
  @inlinable @inline(__always)
  func exit(to previous: UInt64) {
    ft_thread_set_number(previous)
    unsafe fence.exit()
  }

  /// What it is doing, as far as the caller can know.
  var state: FiberState {
    switch phase.load(ordering: .acquiring) {
    case .notStarted: .notStarted
    case .suspended: .suspended
    case .finished: .finished
    case .claimed:
      if unsafe record.isAbandoned {
        .abandoned
      } else {
        unsafe !record.isCurrentStack && number == ft_thread_number() ? .resumingAnother : .running
      }
    }
  }

  /// Its id. The record's own changes with its flags, perhaps just now.
  var id: UInt64 { unsafe number & ~FT_THREAD_NUMBER_OF_FIBER }

  /// Why it cannot be claimed.
  @usableFromInline @inline(never)
  func claimRefusal(of request: FiberRequest) -> FiberError {
    claimRefusal(of: request, in: state)
  }

  /// Why it could not be claimed when it did `state`. Another thread may have taken it further since.
  private func claimRefusal(of request: FiberRequest, in state: FiberState) -> FiberError {
    let (code, reason): (FiberError.Code, String) =
      switch state {
      case .finished: (.finished, "it has finished; create another")
      case .abandoned: (.abandoned, "its thread has ended inside it; create another")
      case .resumingAnother:
        (.resumingAnother, "it waits for a fiber that it has resumed; suspend that one first")
      default:
        unsafe record.isCurrentStack
          ? (.running, "it is running; \(request.fromOutside)")
          : (.running, "it is running, resumed by someone else; \(request.verb) it when that resume has returned")
      }
    return unsafe FiberError(
      code, fiberID: id, fiberName: record.name, "cannot be \(request.participle): \(reason)")
  }

  /// Ends it, unless it has ended; see ``MovableFiber/cancel()``.
  func cancelClaimed<Return>(_: Return.Type) throws -> Return? {
    guard claim() else {
      // Asked once: it may finish on its thread between two looks, and to cancel a finished fiber is no error.
      let state = state
      if state == .finished { return nil }
      throw claimRefusal(of: .cancel, in: state)
    }
    let previous = enter()
    defer {
      exit(to: previous)
      giveUp(.finished)
    }
    return try cancel(Return.self)
  }
}
