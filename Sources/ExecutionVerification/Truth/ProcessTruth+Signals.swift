internal import FiberInspection

extension ProcessTruth {
  /// Where the registers lie in the `ucontext_t` that the third argument of every handler points to (asm/sigcontext.h):
  /// `uc_mcontext` begins at 40. By DWARF number.
  static let places: [UInt64] = [
    13, 12, 14, 11, 9, 8, 10, 15, 0, 1, 2, 3, 4, 5, 6, 7, 16,
  ].map { 40 + 8 * $0 }
  /// The frame that the kernel makes for a handler takes no more of the stack, with AMX's tiles.
  private static let mostOfFrame: UInt64 = 1 << 15

  /// A signal's handler was entered: `to` is its first instruction, `from` what the thread was at before.
  ///
  /// What was interrupted is what the kernel has written to the stack, since a system call may be set back by it.
  package func delivered(_ id: Int32, from: MachineState, to: MachineState) {
    words.forget()
    walkWords.forget()
    let thread = thread(id)
    thread.interruptions.append(ThreadTruth.Interruption(departure: thread.departure, deferred: thread.deferred))
    thread.departure = nil
    thread.deferred = []
    var state = from
    for number in 0..<17 {
      if let word = words.word(at: to[1] &+ Self.places[number]) { state[number] = word }
    }
    var frame = ShadowFrame(
      kind: .interrupted, cfa: state.sp, returnAddress: state.pc, saved: CalleeSaved.values(state))
    frame.context = to[1]
    let isSame = to.sp < state.sp && state.sp - to.sp < Self.mostOfFrame
    if !isSame {
      frame.high = to.sp &+ Self.mostOfFrame
      suspend(thread.stack, sp: state.sp)
      let handler = ShadowStack()
      handler.isFresh = true
      handler.resumer = thread.stack
      thread.stack = handler
    }
    thread.stack.frames.append(frame)
    if let restorer = words.word(at: to.sp) { push(thread, to, cfa: to.sp &+ 8, restorer) }
    judge(thread, to)
  }

  /// The kernel has put back what a signal interrupted.
  func returnedFromSignal(_ thread: ThreadTruth) -> Step {
    guard let index = thread.stack.frames.lastIndex(where: { $0.kind == .interrupted }) else { return .same }
    thread.stack.frames.removeSubrange(index...)
    if thread.stack.frames.isEmpty, let interrupted = thread.stack.resumer {
      resume(interrupted)
      thread.stack = interrupted
    }
    let interruption = thread.interruptions.popLast()
    thread.departure = interruption?.departure
    thread.deferred = interruption?.deferred ?? []
    return thread.stack.frames.isEmpty && thread.stack.resumer == nil && !thread.stack.isFresh ? .unknown : .same
  }
}
