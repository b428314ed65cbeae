public import CFiberAsm

/// What a handle asks of its fiber.
@usableFromInline
enum FiberRequest {
  case resume
  case cancel
}

extension FiberCore {
  /// It can be resumed, here and now.
  @inlinable var isResumable: Bool {
    unsafe thread == ft_thread_number() && !record.isFinished && !record.isOnThread
  }

  /// It can be cancelled, here and now, or has finished.
  var isCancellable: Bool {
    unsafe thread == ft_thread_number() && (record.isFinished || !record.isOnThread)
  }

  /// Why it cannot be resumed or cancelled.
  @usableFromInline @inline(never)
  func refusal(of request: FiberRequest) -> FiberError {
    let (verb, participle, instead) =
      switch request {
      case .resume: ("resume", "resumed", "resume it from outside its body")
      case .cancel: ("cancel", "cancelled", "let an error leave its body")
      }
    let (code, reason): (FiberError.Code, String) =
      if thread != ft_thread_number() {
        (.wrongThread, " on this thread; \(verb) it on the one that created it")
      } else if unsafe record.isFinished {
        (.finished, ": it has finished; create another")
      } else if unsafe record.isCurrentStack {
        (.running, ": it is running; \(instead)")
      } else {
        (.resumingAnother, ": it waits for a fiber that it has resumed; suspend that one first")
      }
    return unsafe FiberError(code, fiberID: record.id, fiberName: record.name, "cannot be \(participle)\(reason)")
  }

  /// Ends it, unless it has ended; see ``Fiber/cancel()``. The caller has made sure that it does not run.
  func cancel() throws -> Return? {
    if unsafe record.isFinished { return nil }
    if let body = body.take() {
      // What the body has captured may look at the fiber when it goes.
      unsafe record.finish()
      _ = consume body
      return nil
    }
    unsafe record.unwind()
    do {
      return try takeResult()
    } catch let error as FiberError where unsafe error.code == .cancelled && error.fiberID == record.id {
      return nil
    }
  }
}
