internal import FiberInspection
internal import Instructions

extension ProcessTruth {
  /// rt_sigreturn (arch/x86/entry/syscalls/syscall_64.tbl).
  private static let signalReturn: UInt64 = 15
  /// Stacks are not farther from each other than this if they are one.
  private static let near: UInt64 = 1 << 20

  /// One instruction was executed: the one at `from`.
  package func stepped(_ id: Int32, from: MachineState, to: MachineState) -> Step {
    words.forget()
    walkWords.forget()
    ledger.steps += 1
    let thread = thread(id)
    let result = follow(thread, from, to)
    // Which frame is innermost is not known then.
    if result != .unknown { judge(thread, to) }
    return result
  }

  private func follow(_ thread: ThreadTruth, _ from: MachineState, _ to: MachineState) -> Step {
    let index = map.index(at: from.pc)
    let next = from.pc &+ UInt64(map.points[index].instruction.length)
    switch map.points[index].instruction.flow {
    case .next, .stop, .undecodable:
      if to.sp != from.sp { moved(thread, index, from, to) }
      return .same
    case .call, .indirectCall:
      guard to.sp == from.sp &- 8 else { return .same }
      // How code asks where it is.
      if to.pc == next, !map.points[map.index(at: to.pc)].isEntry { return .same }
      thread.departure = nil
      if !thread.deferred.isEmpty { refuteDeferred(thread) }
      push(thread, to, cfa: from.sp, next)
      return .called(slot: to.sp, returnAddress: next)
    case .branch:
      if to.pc == next || map.points[index].function.contains(to.pc) { return .same }
      return transferred(thread, index, from, to, isIndirect: false)
    case .jump:
      if thread.departure == nil, map.points[index].function.contains(to.pc) { return .same }
      return transferred(thread, index, from, to, isIndirect: false)
    case .indirectJump, .return:
      return transferred(thread, index, from, to, isIndirect: true)
    case .system:
      if from[0] == Self.signalReturn, to.pc != next { return returnedFromSignal(thread) }
      return .same
    }
  }

  /// rsp has changed.
  @inline(__always)
  private func moved(_ thread: ThreadTruth, _ index: Int, _ from: MachineState, _ to: MachineState) {
    let isBeyond = thread.stack.frames.last.map { to.sp > $0.high } ?? false
    if !map.points[index].isOrdinary || isBeyond { jumped(thread, index, from, to, isBeyond: isBeyond) }
  }

  @inline(never)
  private func jumped(
    _ thread: ThreadTruth, _ index: Int, _ from: MachineState, _ to: MachineState, isBeyond: Bool
  ) {
    if let other = suspended[to.sp], other !== thread.stack, !isInFrame(thread.stack, from, to), isThere(other) {
      switching.insert(map.points[index].function.lowerBound)
      switchTo(other, thread, sp: thread.departure?.sp ?? from.sp)
      return
    }
    if thread.departure == nil, isBeyond || to.sp < from.sp || thread.stack.frames.isEmpty {
      thread.departure = ThreadTruth.Departure(sp: from.sp, point: index)
    }
  }

  /// rsp shrinks the innermost frame, and does not leave it. A stack that was left there at full speed is the same as this one.
  private func isInFrame(_ stack: ShadowStack, _ from: MachineState, _ to: MachineState) -> Bool {
    guard hasRun, let top = stack.frames.last, top.kind == .call else { return false }
    return to.sp > from.sp && to.sp <= top.high
  }

  /// The return address of its innermost frame is still where it was: the stack has not been used for something else meanwhile.
  private func isThere(_ stack: ShadowStack) -> Bool { stack.frames.last.map(holds) ?? false }

  /// The return address of a frame is still where it was.
  private func holds(_ frame: ShadowFrame) -> Bool {
    frame.kind != .call || words.word(at: frame.slot) == frame.returnAddress
  }

  /// A stack was left, and threads have run at full speed since: it may have been resumed, and left again. What return addresses
  /// tell of is still so.
  ///
  /// - Returns: whether its innermost frame is.
  private func recheck(_ stack: ShadowStack) -> Bool {
    for index in stack.frames.indices.reversed() {
      guard holds(stack.frames[index]) else {
        if index == stack.frames.count - 1 { return false }
        stack.frames[index + 1].isPartial = true
        return true
      }
      stack.frames[index].areRegistersKnown = false
    }
    return !stack.frames.isEmpty
  }

  /// Control goes on on a stack that it had left.
  private func switchTo(_ other: ShadowStack, _ thread: ThreadTruth, sp: UInt64) {
    let old = thread.stack
    resume(other)
    suspend(old, sp: sp)
    // Back to the stack that resumed this one: it is resumed itself, by whom it was.
    if old.resumer === other {
      old.resumer = nil
      other.hasRun = other.hasRun || hasRun
    } else if old.hasRun || !old.isFresh {
      // It may have resumed this one while nobody looked.
      other.hasRun = true
    } else {
      other.resumer = old
      if isCyclic(other) { other.resumer = nil }
      other.hasRun = false
    }
    if hasRun { _ = recheck(other) }
    thread.stack = other
    thread.departure = nil
  }

  private func isCyclic(_ stack: ShadowStack) -> Bool {
    var next = stack.resumer
    while let resumer = next {
      if resumer === stack { return true }
      next = resumer.resumer
    }
    return false
  }

  /// A jump or `ret` has led somewhere else than to the function that it stands in, or may have.
  private func transferred(
    _ thread: ThreadTruth, _ index: Int, _ from: MachineState, _ to: MachineState, isIndirect: Bool
  ) -> Step {
    let stack = thread.stack
    if let top = stack.frames.last, top.kind == .call, to.pc == top.returnAddress,
      to.sp == top.cfa || to.sp == top.moved
        || from.sp == top.slot && map.points[index].instruction.pops == to.sp &- top.cfa
    {
      let departed = thread.departure != nil
      stack.frames.removeLast()
      thread.departure = nil
      if !top.suspicions.isEmpty { decide(top, to) }
      if !thread.deferred.isEmpty {
        resolveDeferred(thread, at: to, isUnwinding: departed, areCallersKnown: !top.isPartial)
      }
      return stack.frames.isEmpty && stack.resumer == nil && !stack.isFresh || top.isPartial ? .unknown : .returned
    }
    if let departure = thread.departure {
      return arrived(thread, departure, index, from, to, isIndirect: isIndirect)
    }
    if let top = stack.frames.last, to.sp >= top.high {
      let departure = ThreadTruth.Departure(sp: from.sp, point: index)
      return arrived(thread, departure, index, from, to, isIndirect: isIndirect)
    }
    if let top = stack.frames.last, case .return = map.points[index].instruction.flow, from.sp == top.slot {
      // The return address was overwritten, or the `ret` is a jump: in either case the call is over.
      stack.frames.removeLast()
      if !thread.deferred.isEmpty {
        resolveDeferred(thread, at: to, isUnwinding: false, areCallersKnown: !top.isPartial)
      }
      return stack.frames.isEmpty || top.isPartial ? .unknown : .same
    }
    if !map.points[index].function.contains(to.pc) { return crossed(thread, index, to) }
    return .same
  }

  /// Activations were left by a jump. The innermost is that of the code that jumps, which may have used its own frame for it.
  ///
  /// - Returns: whether it is known which is innermost now.
  private func leave(_ stack: ShadowStack, below sp: UInt64, _ to: MachineState) -> Bool {
    let dropped = stack.drop(below: sp)
    for frame in dropped.dropFirst() where !frame.suspicions.isEmpty { giveUp(frame, to) }
    return !stack.frames.isEmpty && !dropped.contains(where: \.isPartial)
  }

  /// A jump into another function: a tail call, another part of the same function, or a call by a jump, with a return address
  /// that the code before has left on top of the stack, or below it in the red zone.
  private func crossed(_ thread: ThreadTruth, _ index: Int, _ to: MachineState) -> Step {
    let target = map.index(at: to.pc)
    guard map.points[target].isEntry, thread.stack.frames.last?.cfa != to.sp &+ 8 else { return .same }
    let origin = map.points[index].function
    guard map.points[target].step.kind == .compact,
      let claim = RowClaim(map.points[target].step, FrameRegisters(to), &words)
    else { return .same }
    for cfa in [to.sp &+ 8, to.sp] where claim.cfa == cfa {
      guard let word = words.word(at: cfa &- 8), word == claim.returnAddress, origin.contains(word &- 1) else {
        continue
      }
      push(thread, to, cfa: cfa, word)
      return .called(slot: cfa &- 8, returnAddress: word)
    }
    return .same
  }

  /// rsp had left the frame, and now control goes elsewhere.
  private func arrived(
    _ thread: ThreadTruth, _ departure: ThreadTruth.Departure, _ index: Int, _ from: MachineState, _ to: MachineState,
    isIndirect: Bool
  ) -> Step {
    let target = map.index(at: to.pc)
    let stack = thread.stack
    // A function that begins, where no frame of this stack would have it begin.
    let begins = isIndirect && map.points[target].isEntry && map.points[target].isCalled
    // Memory was taken on the stack, no more.
    if !isIndirect, stack.frames.last.map({ to.sp < $0.high }) ?? true { return .same }
    if begins, let top = stack.frames.last, to.sp &+ 8 == top.cfa {
      // A tail call.
      thread.departure = nil
      return .same
    }
    if let top = stack.frames.last, to.sp >= top.high, !begins {
      if let bottom = stack.frames.first,
        to.sp < max(bottom.high, stack.base) || !stack.isFresh && to.sp - bottom.high < Self.near
      {
        thread.departure = nil
        let isKnown = leave(stack, below: to.sp, to)
        resolveDeferred(thread, at: to, isUnwinding: true, areCallersKnown: isKnown)
        return isKnown ? .same : .unknown
      }
    }
    // Out of a signal's handler on a stack of its own, or out of a fiber.
    var outer = stack.resumer
    while let other = outer, !begins {
      if let bottom = other.frames.first, to.sp < bottom.high, to.sp >= other.sp {
        resume(other)
        thread.stack = other
        thread.departure = nil
        _ = leave(stack, below: .max, to)
        // After full speed it may be another call that returns, unless it is just the one that was seen.
        let isSame =
          !hasRun || other.frames.contains { $0.cfa == to.sp && $0.returnAddress == to.pc && holds($0) }
        other.hasRun = other.hasRun || hasRun
        let isKnown = leave(other, below: to.sp, to) && isSame && (!hasRun || recheck(other))
        resolveDeferred(thread, at: to, isUnwinding: true, areCallersKnown: isKnown)
        return isKnown ? .same : .unknown
      }
      outer = other.resumer
    }
    // Up a stack that was met in the middle: it only looks fresh.
    if stack.hasRun, !begins, let bottom = stack.frames.first, to.sp >= bottom.high, to.sp - bottom.high < Self.near {
      thread.departure = nil
      _ = leave(stack, below: to.sp, to)
      resolveDeferred(thread, at: to, isUnwinding: true, areCallersKnown: false)
      return .unknown
    }
    if map.points[index].function.contains(to.pc), !begins { return .same }
    guard isIndirect else { return .same }
    switching.insert(map.points[departure.point].function.lowerBound)
    suspend(stack, sp: departure.sp)
    let new = ShadowStack()
    new.isFresh = true
    new.base = to.sp
    new.hasRun = hasRun
    new.resumer = stack
    thread.stack = new
    thread.departure = nil
    if begins, let word = words.word(at: to.sp) { push(thread, to, cfa: to.sp &+ 8, word) }
    resolveDeferred(thread, at: to, isUnwinding: false, areCallersKnown: true)
    return .same
  }
}

extension Instruction {
  /// What a `ret` pops besides the return address; nil for other instructions.
  var pops: UInt64? {
    if case .return(let count) = flow { return UInt64(count) }
    return nil
  }
}
