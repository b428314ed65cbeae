internal import FiberInspection

/// Callers that an unwinder found, as far as it found them by call frame information, or as it finds them if it uses none.
struct WalkedCallers {
  enum End {
    case outermost
    /// As many as were asked for, or none further are to be compared: our rows end in code without rows.
    case limit
    case failed(String)
  }

  /// The innermost first; 0 is the caller of the code that runs.
  var frames: [WalkedFrame] = []
  var end: End
  /// What of a frame tells where its row is, one more than `frames`: of the code that runs, and of each caller.
  var lookups: [UInt64] = []

  /// - Parameter rowsAlone: ends where a caller was found by other means.
  init(_ walk: Walk, rowsAlone: Bool) {
    lookups = walk.frames.prefix(1).map(\.programCounter.lookup)
    for frame in walk.frames.dropFirst() {
      if rowsAlone, frame.found != .cfi {
        end = .limit
        return
      }
      frames.append(frame)
      lookups.append(frame.programCounter.lookup)
    }
    switch walk.end {
    case .outermost: end = .outermost
    case .limit: end = .limit
    case .cycle: end = .failed("the frames repeat themselves")
    case .failed(let reason): end = .failed(reason)
    }
  }

  /// What is said of frame `number`.
  func claim(_ number: Int) -> Disagreement.Claim {
    if number < frames.count {
      return .frame(pc: frames[number].programCounter.address, sp: frames[number].stackPointer)
    }
    guard number == frames.count else { return .notReached }
    switch end {
    case .outermost: return .outermost
    case .limit: return .notReached
    case .failed(let reason): return .failed(reason)
    }
  }

  /// The first frame of which another unwinder says something else; nil if there is none, as far as both look. How a walk ends behind
  /// the same frames is no difference: some say so, others fail.
  func difference(from other: WalkedCallers) -> Int? {
    let common = min(frames.count, other.frames.count)
    for number in 0..<common where !isSame(frames[number], other.frames[number]) { return number }
    if frames.count == other.frames.count { return nil }
    let shorter = frames.count < other.frames.count ? self : other
    if case .limit = shorter.end { return nil }
    return common
  }

  private func isSame(_ left: WalkedFrame, _ right: WalkedFrame) -> Bool {
    guard left.programCounter.address == right.programCounter.address else { return false }
    if let leftSP = left.stackPointer, let rightSP = right.stackPointer { return leftSP == rightSP }
    // The chain of frame pointers has no rsp. In a recursion, where all return to the same place, rbp tells frames apart.
    guard let leftFP = left.framePointer, let rightFP = right.framePointer else { return true }
    return leftFP == rightFP
  }

  /// As the truth is told.
  var stackWalk: StackWalk {
    let walkEnd: StackWalk.End =
      switch end {
      case .outermost: .outermost
      case .limit: .limit
      case .failed: .failed
      }
    return StackWalk(
      frames.map { TrueFrame(pc: $0.programCounter.address, sp: $0.stackPointer ?? 0) }, walkEnd)
  }
}
