internal import FiberInspection

extension ProcessTruth {
  /// Rows that do not fit are kept for a switch to explain; beyond so many there is none.
  private static let mostDeferred = 256

  /// Holds the row in force at `state` against the truth.
  @inline(__always) func judge(_ thread: ThreadTruth, _ state: MachineState) {
    let index = map.index(at: state.pc)
    map.points[index].visits += 1
    if let call = map.points[index].jitCall { jit.called(call, state) }
    switch map.points[index].step.kind {
    case .compact:
      let frame = FrameRegisters(state)
      guard let claim = RowClaim(map.points[index].step, frame, &words) else {
        return failed(thread, index, state.sp, "the row reads memory that is not there")
      }
      judge(thread, index, frame, claim)
    case .general: judgeGeneral(thread, index, FrameRegisters(state))
    case .outermost: judgeOutermost(thread, index)
    case .uncovered:
      let module = map.points[index].module
      map.points[index].unjudged = module < 0 ? .noFile : map.points[index].unjudged ?? .noRow
    case .defective: failed(thread, index, state.sp, map.points[index].fault ?? "the row cannot be read")
    }
  }

  @inline(never) private func judgeGeneral(_ thread: ThreadTruth, _ index: Int, _ frame: FrameRegisters) {
    guard let found = map.points[index].found else { return }
    switch RowClaim.evaluate(found, frame, words.memory) {
    case .claim(let claim): judge(thread, index, frame, claim)
    case .outermost: judgeOutermost(thread, index)
    case .uncovered: map.points[index].unjudged = .noRow
    case .failed(let reason): failed(thread, index, frame[FrameRegisters.stackPointer] ?? 0, reason)
    }
  }

  private func failed(_ thread: ThreadTruth, _ index: Int, _ sp: UInt64, _ reason: String) {
    guard let top = thread.stack.frames.last else {
      map.points[index].unjudged = .begunBefore
      return
    }
    // Where rsp is that of the caller, the frame is being left, by a return or by a jump to the caller.
    if thread.departure != nil || sp >= top.high {
      map.points[index].unjudged = .leaving
      return
    }
    refute(index, .failed(reason), claimed: 0, actual: top.cfa)
  }

  /// The row says that there is no caller: the way the activation ends tells whether there is.
  private func judgeOutermost(_ thread: ThreadTruth, _ index: Int) {
    map.points[index].unjudged = .outermost
    let last = thread.stack.frames.count - 1
    guard last >= 0 else { return }
    thread.stack.frames[last].suspect(.outermost, at: index, value: 0)
  }

  @inline(__always)
  private func judge(_ thread: ThreadTruth, _ index: Int, _ frame: FrameRegisters, _ claim: RowClaim) {
    let last = thread.stack.frames.count - 1
    guard last >= 0 else { return judgeBase(thread, index, frame) }
    if let found = claim.contradiction(of: thread.stack.frames[last]) {
      return contradicted(thread, index, frame, claim, found)
    }
    if claim.kept != 0 {
      let lost = claim.lostRegisters(of: thread.stack.frames[last])
      if lost != 0 { suspect(thread, index, claim, lost) }
    }
    map.points[index].seen += 1
    thread.unwalked += 1
    if thread.unwalked >= walkInterval || map.points[index].visits == 1
      || switching.contains(map.points[index].function.lowerBound)
    {
      compareWalk(thread, index, frame)
    }
  }

  @inline(never) private func suspect(_ thread: ThreadTruth, _ index: Int, _ claim: RowClaim, _ lost: UInt8) {
    let last = thread.stack.frames.count - 1
    let module = map.points[index].module
    for register in 0..<CalleeSaved.count where lost >> UInt8(register) & 1 == 1 {
      // Swift passes an error in r12, self in r13 and a context in r14: a function need not keep them, and its rows are silent.
      if !CalleeSaved.isAlwaysKept(register), module >= 0, map.hasSwift(module) { continue }
      let value = claim.caller[UInt8(CalleeSaved.number(register))] ?? 0
      thread.stack.frames[last].suspect(.kept(register), at: index, value: value)
    }
  }

  @inline(never)
  private func contradicted(
    _ thread: ThreadTruth, _ index: Int, _ frame: FrameRegisters, _ claim: RowClaim,
    _ found: (subject: Mismatch.Subject, claimed: UInt64, actual: UInt64)
  ) {
    let last = thread.stack.frames.count - 1
    switch found.subject {
    case .returnAddress where claim.slot == thread.stack.frames[last].slot && thread.stack.frames[last].kind == .call:
      // The row is right: the program has overwritten the word itself, to return elsewhere.
      thread.stack.frames[last].returnAddress = claim.returnAddress
      map.points[index].seen += 1
    case .cfa where refresh(thread.stack, last): judge(thread, index, frame, claim)
    case .returnAddress where refresh(thread.stack, last): judge(thread, index, frame, claim)
    case .cfa where isMoved(thread.stack, claim): thread.stack.frames[last].move(to: claim.cfa, at: index)
    case .register(let number):
      let register = (0..<CalleeSaved.count).first { CalleeSaved.number($0) == Int(number) } ?? 0
      thread.stack.frames[last].suspect(.recovered(register), at: index, value: found.claimed)
    case .cfa, .returnAddress:
      if thread.deferred.count >= Self.mostDeferred { refuteDeferred(thread) }
      let walk = StackWalk(map, from: frame, limit: Self.mostCallers, &walkWords)
      thread.deferred.append(
        ThreadTruth.Deferred(
          point: index, claim: claim, claimed: found.claimed, actual: found.actual, subject: found.subject, walk: walk))
    default: refute(index, found.subject, claimed: found.claimed, actual: found.actual)
    }
  }

  /// So far a frame is moved at most whose caller is not known.
  private static let mostMoved: UInt64 = 1 << 16

  /// The return address of the innermost frame lies where a row says, too: further out, in what is its caller's own frame. A function
  /// that is called with a copy of arguments in place may return from there, and take them off the stack with it.
  private func isMoved(_ stack: ShadowStack, _ claim: RowClaim) -> Bool {
    let last = stack.frames.count - 1
    let top = stack.frames[last]
    guard top.kind == .call, claim.cfa > top.cfa, claim.returnAddress == top.returnAddress, let slot = claim.slot,
      slot == claim.cfa &- 8, top.areRegistersKnown
    else { return false }
    if top.isPartial || last == 0 { return claim.cfa - top.cfa < Self.mostMoved }
    return claim.cfa <= stack.frames[last - 1].slot
  }

  /// Reads again what a handler shall return to: it may have changed that. Answers whether it has.
  private func refresh(_ stack: ShadowStack, _ index: Int) -> Bool {
    guard stack.frames[index].kind == .interrupted,
      let pc = words.word(at: stack.frames[index].context &+ Self.places[16]),
      let sp = words.word(at: stack.frames[index].context &+ Self.places[7]),
      pc != stack.frames[index].returnAddress || sp != stack.frames[index].cfa
    else { return false }
    stack.frames[index].returnAddress = pc
    stack.frames[index].cfa = sp
    return true
  }

  /// Reads again what any handler shall return to.
  private func refreshAll(_ thread: ThreadTruth) -> Bool {
    var next: ShadowStack? = thread.stack
    var hasChanged = false
    while let stack = next {
      for index in stack.frames.indices where refresh(stack, index) { hasChanged = true }
      next = stack.resumer
    }
    return hasChanged
  }

  /// The first frame of a stack: no call made it. If another stack resumed this one, rows lead there or say that they end.
  @inline(never) private func judgeBase(_ thread: ThreadTruth, _ index: Int, _ frame: FrameRegisters) {
    guard thread.stack.isFresh, let resumer = thread.stack.resumer, !resumer.frames.isEmpty else {
      map.points[index].unjudged = thread.stack.isFresh ? .outermost : .begunBefore
      return
    }
    let callers = TrueCallers(of: thread.stack, limit: Self.mostCallers)
    let walk = StackWalk(map, from: frame, limit: callers.items.count + TrueCallers.mostBaseFrames, &walkWords)
    ledger.walks += 1
    let comparison = callers.compared(with: walk, &walkWords)
    if let difference = comparison.difference {
      refute(index, .walk(frame: difference.frame), claimed: difference.claimed, actual: difference.actual)
    } else if walk.end == .outermost, walk.frames.count < TrueCallers.mostBaseFrames {
      map.points[index].unjudged = .outermost
    } else if comparison.confirmed > 0 {
      map.points[index].seen += 1
    } else {
      // The frames that it should lead to are not sure.
      map.points[index].unjudged = .begunBefore
    }
  }

  @inline(never) private func compareWalk(_ thread: ThreadTruth, _ index: Int, _ frame: FrameRegisters) {
    thread.unwalked = 0
    ledger.walks += 1
    let callers = TrueCallers(of: thread.stack, limit: Self.mostCallers)
    let walk = StackWalk(map, from: frame, limit: callers.items.count + TrueCallers.mostBaseFrames, &walkWords)
    if let difference = callers.difference(from: walk, &walkWords) {
      if refreshAll(thread) { return compareWalk(thread, index, frame) }
      if let writer = overwritten(thread.stack, frame, before: difference.frame) {
        thread.stack.frames[writer].suspect(
          .walk(frame: difference.frame, actual: difference.actual), at: index, value: difference.claimed)
        return
      }
      refute(index, .walk(frame: difference.frame), claimed: difference.claimed, actual: difference.actual)
    }
  }

  /// The frame, index in `stack.frames`, of a caller in whose slots other registers lie by now than those that it was called with. Its
  /// own rows were judged where it was innermost, and were right then.
  ///
  /// - Parameter limit: so many callers of `start` are looked at.
  private func overwritten(_ stack: ShadowStack, _ start: FrameRegisters, before limit: Int) -> Int? {
    var walker = StackWalker(start)
    for (number, index) in stack.frames.indices.reversed().prefix(limit).enumerated() {
      guard let claim = walker.step(map, &walkWords) else { return nil }
      if number > 0, claim.wrongRecovered(of: stack.frames[index]) != nil { return index }
    }
    return nil
  }

  func refute(_ index: Int, _ subject: Mismatch.Subject, claimed: UInt64, actual: UInt64, count: Int = 1) {
    let module = map.points[index].module
    ledger.add(
      file: files[module >= 0 ? module : files.count - 1], address: map.points[index].fileAddress, subject,
      claimed: claimed, actual: actual, count: count, place: place)
  }

  /// Where in code an address is; nil if it is in no module.
  private func place(_ address: UInt64) -> Mismatch.Place? {
    let module = map.module(at: address)
    return module < 0 ? nil : Mismatch.Place(module: files[module], address: address &- map.modules[module].bias)
  }

  /// An activation has returned: what it gave back tells which rows were wrong about registers.
  @inline(never) func decide(_ frame: ShadowFrame, _ to: MachineState) {
    for (suspicion, sighting) in frame.suspicions {
      switch suspicion.kind {
      case .outermost:
        refute(suspicion.point, .outermost, claimed: 0, actual: frame.returnAddress, count: sighting.count)
      case .recovered(let register): refute(suspicion, register, sighting, frame)
      case .walk: refuteWalk(suspicion, sighting)
      case .moved(let claimed):
        if claimed != to.sp, !frame.isPartial {
          refute(suspicion.point, .cfa, claimed: claimed, actual: to.sp, count: sighting.count)
        }
      case .kept(let register):
        if CalleeSaved.isOwed(register, isGivenBack: to[CalleeSaved.number(register)] == frame.saved[register]) {
          refute(suspicion, register, sighting, frame)
        }
      }
    }
  }

  /// An activation will never return: control has left it for `to`, by an exception or longjmp, or its thread has ended. Where a
  /// register is as it was when the activation began, that was given back.
  @inline(never) func giveUp(_ frame: ShadowFrame, _ to: MachineState?) {
    for (suspicion, sighting) in frame.suspicions {
      switch suspicion.kind {
      case .outermost, .moved: break
      case .recovered(let register): refute(suspicion, register, sighting, frame)
      case .walk: refuteWalk(suspicion, sighting)
      case .kept(let register):
        if to?[CalleeSaved.number(register)] == frame.saved[register] { refute(suspicion, register, sighting, frame) }
      }
    }
  }

  private func refute(
    _ suspicion: ShadowFrame.Suspicion, _ register: Int, _ sighting: ShadowFrame.Sighting, _ frame: ShadowFrame
  ) {
    refute(
      suspicion.point, .register(UInt8(CalleeSaved.number(register))), claimed: sighting.value,
      actual: frame.saved[register], count: sighting.count)
  }

  private func refuteWalk(_ suspicion: ShadowFrame.Suspicion, _ sighting: ShadowFrame.Sighting) {
    guard case .walk(let frame, let actual) = suspicion.kind else { return }
    refute(suspicion.point, .walk(frame: frame), claimed: sighting.value, actual: actual, count: sighting.count)
  }

  /// No switch explains them.
  func refuteDeferred(_ thread: ThreadTruth) {
    for deferred in thread.deferred {
      refute(deferred.point, deferred.subject, claimed: deferred.claimed, actual: deferred.actual)
    }
    thread.deferred.removeAll(keepingCapacity: true)
  }

  /// Control has come to `state`. A row that said just that of its caller was right: it described the side that control went to.
  ///
  /// - Parameter areCallersKnown: whether `thread.stack` has the frame that control has come to, innermost.
  @inline(never) func resolveDeferred(
    _ thread: ThreadTruth, at state: MachineState, isUnwinding: Bool, areCallersKnown: Bool
  ) {
    guard !thread.deferred.isEmpty else { return }
    let callers = TrueCallers(of: thread.stack, limit: Self.mostCallers)
    for deferred in thread.deferred {
      let claim = deferred.claim
      if claim.returnAddress == state.pc, claim.sp == state.sp {
        let wrong = (0..<CalleeSaved.count).first {
          let number = CalleeSaved.number($0)
          return (claim.kept | claim.recovered) >> UInt8($0) & 1 == 1
            && claim.caller[UInt8(number)] != state[number]
        }
        if wrong != nil, isUnwinding {
          map.points[deferred.point].unjudged = .leaving
        } else if let wrong {
          let number = CalleeSaved.number(wrong)
          let claimed = claim.caller[UInt8(number)] ?? 0
          refute(deferred.point, .register(UInt8(number)), claimed: claimed, actual: state[number])
        } else if areCallersKnown, var walk = deferred.walk, !walk.frames.isEmpty {
          walk.frames.removeFirst()
          if let difference = callers.difference(from: walk, &walkWords) {
            refute(
              deferred.point, .walk(frame: difference.frame + 1), claimed: difference.claimed,
              actual: difference.actual)
          } else {
            map.points[deferred.point].seen += 1
          }
        } else {
          map.points[deferred.point].seen += 1
        }
      } else if isUnwinding {
        map.points[deferred.point].unjudged = .leaving
      } else {
        refute(deferred.point, deferred.subject, claimed: deferred.claimed, actual: deferred.actual)
      }
    }
    thread.deferred.removeAll(keepingCapacity: true)
  }
}

extension FrameRegisters {
  /// All of a thread's.
  @inline(__always) init(_ state: MachineState) {
    self.init(known: state.values)
  }
}
