extension Labels {
  /// What a fiber does, for the middle of a line: "resuming #2 on thread 4711".
  ///
  /// - Parameter waitReason: why it is suspended, nil if unknown.
  func state(_ state: FiberState, evidence: FiberDump.Evidence, waitReason: String?) -> String {
    let text: String
    switch state {
    case .running(let thread): text = "running on thread \(thread)"
    case .resuming(let inner, let thread): text = "resuming \(short(inner)) on thread \(thread)"
    case .switching(let thread): text = "being switched by thread \(thread)"
    case .suspended: text = "suspended" + (waitReason.map { ": \($0.escapedForTerminal)" } ?? "")
    case .notStarted: text = "not started"
    case .finished: text = "finished"
    case .abandoned: text = "abandoned: its thread has ended inside it"
    case .unlocated: text = "on a thread by its record, but found on none"
    }
    return switch evidence {
    case .record, .trace: text
    case .stackPointer: text + " (by its stack pointer: the trace does not reach the fiber's base)"
    case .link: text + " (by its link: the trace does not reach it)"
    }
  }
}
