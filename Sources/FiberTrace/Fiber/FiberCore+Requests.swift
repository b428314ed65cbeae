public import CFiberAsm

/// What a handle asks of its fiber.
@usableFromInline
enum FiberRequest {
  case resume
  case cancel

  var verb: String {
    switch self {
    case .resume: "resume"
    case .cancel: "cancel"
    }
  }

  var participle: String {
    switch self {
    case .resume: "resumed"
    case .cancel: "cancelled"
    }
  }

  /// What to do instead of asking it from inside the fiber.
  var fromOutside: String {
    switch self {
    case .resume: "resume it from outside its body"
    case .cancel: "let an error leave its body"
    }
  }
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
    let (code, reason): (FiberError.Code, String) =
      if unsafe record.isAbandoned {
        (.abandoned, ": its thread has ended inside it; create another")
      } else if thread != ft_thread_number() {
        (.wrongThread, " \(placeRefusal(participle: request.participle))")
      } else if unsafe record.isFinished {
        (.finished, ": it has finished; create another")
      } else if unsafe record.isCurrentStack {
        (.running, ": it is running; \(request.fromOutside)")
      } else {
        (.resumingAnother, ": it waits for a fiber that it has resumed; suspend that one first")
      }
    return unsafe FiberError(
      code, fiberID: record.id, fiberName: record.name, "cannot be \(request.participle)\(reason)")
  }

  /// Where the caller is, who is not where the fiber is bound to, and what to do.
  func placeRefusal(participle: String) -> String {
    func fiber(_ number: UInt64) -> UInt64? {
      number & FT_THREAD_NUMBER_OF_FIBER == 0 ? nil : number & ~FT_THREAD_NUMBER_OF_FIBER
    }
    return switch (fiber(thread), fiber(ft_thread_number())) {
    case (nil, nil): "on another thread than the one that created it; it must be \(participle) there"
    case (let owner?, _):
      "outside of the movable fiber #\(owner), in whose body it was created; it must be \(participle) there"
    case (nil, let caller?):
      "in the body of the movable fiber #\(caller), and a thread created it; it must be \(participle) on that thread, "
        + "outside of movable fibers"
    }
  }

  /// Ends it, unless it has ended; see ``Fiber/cancel()``. The caller has made sure that it does not run.
  final func cancel<Return>(_: Return.Type) throws -> Return? {
    if unsafe record.isFinished { return nil }
    guard unsafe record.hasStarted else {
      finishWithoutStart()
      return nil
    }
    unsafe record.unwind()
    do {
      return try takeResult(Return.self)
    } catch let error as FiberError where unsafe error.code == .cancelled && error.fiberID == record.id {
      return nil
    }
  }
}
