internal import CallFrameInfo
internal import Instructions

extension FlowCheck {
  /// Whether rsp is as it was when the function was entered, with the return address there.
  private func isBalanced(_ state: AbstractState) -> Bool {
    state[AbstractState.rsp] == .cfa.adding(-8) && state.load(.cfa.adding(-8)) == .returnAddress
  }

  /// Registers a caller relies on that are known to have another value than at entry.
  private func lost(_ state: AbstractState) -> RegisterSet {
    var lost: UInt16 = 0
    for register in 0..<16 where supposition.convention.unchangedByDefault.rawValue >> UInt16(register) & 1 != 0 {
      let value = state[register]
      if !value.isUnknown, value != .entry(register) { lost |= 1 << UInt16(register) }
    }
    return RegisterSet(rawValue: lost)
  }

  /// Leaves by `ret`.
  mutating func `return`(at index: Int, popping size: UInt16, _ state: AbstractState) {
    noteExit(state, isReturn: isBalanced(state))
    guard state.isCertain, state.disagreement.isEmpty, let row = flow.row(at: index), !flow.rows[row].isOutermost else {
      return
    }
    if isBalanced(state) {
      // What the row declares lost is none of a caller's business any more: a switch that saves nothing of it.
      let lost = lost(state).subtracting(flow.rows[row].undefined)
      guard lost.rawValue != 0 else { return }
      hasContradiction = true
      if isReporting { reportLost(lost, at: index) }
      return
    }
    // A computed address on top of the stack is a jump by `ret`, and says nothing of the row. A saved register is no address, and
    // what was never written is none either.
    let rsp = state[AbstractState.rsp]
    let popped = state.load(rsp)
    guard popped.isCalleeSaved || popped.isFrameAddress || state.isNeverWritten(rsp) else { return }
    hasContradiction = true
    setVerdict(.refuted, at: index)
    if isReporting { reportReturn(popped, state, at: index, row: flow.rows[row]) }
  }

  /// Leaves by `pop rcx; jmp rcx`, which is a `ret` that predicts nothing.
  ///
  /// - Returns: whether the indirect jump at `index` is that.
  private mutating func returnsByJump(at index: Int, _ state: AbstractState) -> Bool {
    guard case .target(let register) = flow.instructions[index].effect,
      state[Int(register.rawValue)] == .returnAddress, state[AbstractState.rsp] == .cfa
    else { return false }
    guard state.isCertain, state.disagreement.isEmpty, let row = flow.row(at: index), !flow.rows[row].isOutermost else {
      return true
    }
    let lost = lost(state)
    guard lost.rawValue != 0 else { return true }
    hasContradiction = true
    if isReporting { reportLost(lost, at: index) }
    return true
  }

  /// Leaves by a jump or a branch to another FDE, or to code without one.
  ///
  /// The state stays as it is: it is `inout` so that it is not copied.
  mutating func leave(
    to target: UInt64, from index: Int, _ state: inout AbstractState, _ edge: Evidence.Edge
  ) {
    let neverReturns = facts.neverReturns(flow.instructions[index].flow)
    guard let other = table.index(at: target), let row = foreign.row(at: target, fde: other) else {
      if !neverReturns { noteExit(state, isReturn: false) }
      return
    }
    let otherFDE = table.fdes[other]
    let judge = Judge(section: table.section(of: otherFDE), cie: table.cie(of: otherFDE))
    let judgement = judge.judge(row, &state, pc: target)
    let isFunction =
      row.isEntry && otherFDE.addresses.lowerBound == target && edge != .landingPad && !facts.isPart(target)
    if isFunction, !neverReturns { noteExit(state, isReturn: false) }
    var fit = PartJump.Fit.open
    if judgement.isSatisfied {
      fit = state.standing == .proved ? .proved : state.standing == .conditional ? .conditional : .fits
    } else if row.isOutermost || followSelfMadeCall(row, judge, from: index, to: target, fde: other, state)
      || mayBeUnreachable(index, to: target, otherFDE)
    {
      return
    } else if edge == .landingPad {
      if !judgement.disagreement.isEmpty, state.isCertain, state.disagreement.isEmpty { fit = .wrongPad }
    } else if !judgement.disagreement.isEmpty, state.isCertain, state.disagreement.isEmpty,
      !isOutermost(index), !neverReturns
    {
      hasContradiction = true
      if isReporting {
        reportLeaving(judgement.disagreement, state, from: index, to: target, row: row, isFunction: isFunction, edge)
      }
    }
    // A function is entered as the ABI says: its own rows start from that. But what handles exceptions jumps to parts without names,
    // too.
    if !isFunction || !judgement.isSatisfied && !sites.isEmpty, !isReporting {
      note(PartJump(from: flow.instructions[index].address, to: target, fde: other, fit: fit, entries: state.entries))
    }
  }

  /// Leaves by a jump to a function that the object file does not define: other files know nothing of this one's frames, so it is
  /// entered as the ABI says.
  mutating func leaveFile(at index: Int, _ state: AbstractState) {
    noteExit(state, isReturn: false)
    guard state.isCertain, state.disagreement.isEmpty, let row = flow.row(at: index), !flow.rows[row].isOutermost else {
      return
    }
    let rsp = state[AbstractState.rsp]
    // A number on top is an address to return to: a call made of a push and a jump.
    guard rsp.isFrameAddress, !isBalanced(state), !state.load(rsp).isComputed, state.load(rsp).constant == nil else {
      return
    }
    hasContradiction = true
    if isReporting { reportLeavingFile(state, from: index, row: flow.rows[row]) }
  }

  /// One for each instruction and target; the last word counts, since states shrink.
  mutating func note(_ jump: PartJump) {
    let place = PartJumpPlace(from: jump.from, to: jump.to)
    if let known = partJumpPlaces[place] {
      result.partJumps[known] = jump
    } else {
      partJumpPlaces[place] = result.partJumps.count
      result.partJumps.append(jump)
    }
  }

  private func isOutermost(_ index: Int) -> Bool { flow.row(at: index).map { flow.rows[$0].isOutermost } ?? false }

  /// Whether a jump to the first address of another FDE may stand for code that is never run: a compiler that knows so leaves the
  /// block empty, at the end of the function or of its cold part, and what comes next in memory is another function.
  private func mayBeUnreachable(_ index: Int, to target: UInt64, _ other: FDE) -> Bool {
    guard target == other.addresses.lowerBound else { return false }
    return flow.instructions[index].isBranch && facts.owner(ofPart: target) != range.lowerBound
      || target >= range.upperBound && target - range.upperBound < 16
  }

  /// Takes a jump for a call that the function makes itself: where the row at the target has its return address, there is a number,
  /// the address to return to. Control then comes back there with rsp at the callee's CFA.
  ///
  /// - Returns: whether it is one.
  private mutating func followSelfMadeCall(
    _ row: RowClaims, _ judge: Judge, from index: Int, to target: UInt64, fde other: Int, _ state: AbstractState
  ) -> Bool {
    guard case .offset(let distance) = row.returnAddress, let cfa = judge.cfa(row, state, pc: target),
      case let word = state.load(cfa.adding(distance)),
      word.constant != nil || word.isComputed && !facts.isPart(target) && !state.isNeverWritten(cfa.adding(distance))
    else { return false }
    guard let number = word.constant, case let back = UInt64(bitPattern: Int64(number)), range.contains(back),
      let place = flow.index(at: back)
    else { return true }
    if !row.isEntry, !isReporting {
      noteSelfMadeCall(row, judge, cfa: cfa, from: index, to: target, fde: other, state)
    }
    var after = state
    after.clobberByCall(stackPointer: cfa)
    arrive(at: Int(flow.blockOf[place]), from: index, .afterCall, &after)
    return true
  }

  /// Jumps to a function of another file, as the ABI says: if the address on top of the stack is one here, it returns there.
  ///
  /// - Returns: whether it does.
  mutating func jumpElsewhere(at index: Int, _ state: AbstractState) -> Bool {
    let stackPointer = state[AbstractState.rsp]
    guard let number = state.load(stackPointer).constant, number > 0,
      let place = flow.index(at: UInt64(number)), Int(flow.blocks[Int(flow.blockOf[place])].start) == place
    else { return false }
    var after = state
    after.clobberByCall(stackPointer: stackPointer.adding(8))
    arrive(at: Int(flow.blockOf[place]), from: index, .afterCall, &after)
    return true
  }

  /// Notes how a call made of a jump enters a function whose first row is not the ABI's: as that row says, or not.
  ///
  /// - Parameter cfa: the CFA there, as the row says, by what is known here.
  private mutating func noteSelfMadeCall(
    _ row: RowClaims, _ judge: Judge, cfa: AbstractValue, from index: Int, to target: UInt64, fde other: Int,
    _ state: AbstractState
  ) {
    guard case .offset(let distance) = row.returnAddress else { return }
    let stackPointer = state[AbstractState.rsp]
    var fit = PartJump.Fit.open
    if stackPointer.base == cfa.base {
      // As the function sees it: registers are what they were at its entry, and the number is its return address.
      var entered = AbstractState()
      for register in 0..<16 { entered[register] = .entry(register) }
      entered[AbstractState.rsp] = .cfa.adding(Int64(stackPointer.offset) - Int64(cfa.offset))
      entered.remember(.cfa.adding(distance), .returnAddress)
      if judge.judge(row, &entered, pc: target).isSatisfied {
        fit = state.standing == .proved ? .proved : state.standing == .conditional ? .conditional : .fits
      }
    }
    note(PartJump(from: flow.instructions[index].address, to: target, fde: other, fit: fit, entries: state.entries))
  }

  /// Leaves by an indirect jump: to another function if the stack is as at entry, to a label of this one otherwise.
  mutating func leave(at index: Int, through slot: UInt64?, _ state: AbstractState) {
    if slot != nil {
      // A jump by a word at a fixed address is a call's last: no table of labels has one word.
      if index + 1 < flow.instructions.count,
        case .push(.constant) = flow.instructions[index + 1].effect
      {
        // Until it is bound, the word of a stub leads to the next instruction.
        var copy = state
        arrive(at: Int(flow.blockOf[index + 1]), from: index, .branch, &copy)
      }
      if !facts.neverReturns(flow.instructions[index].flow) { noteExit(state, isReturn: false) }
      return
    }
    if returnsByJump(at: index, state) { return }
    if isBalanced(state) {
      noteExit(state, isReturn: false)
      if var known = leavingState {
        var state = state
        if known.meet(&state), jumpState == nil { jumpStateHasChanged = true }
        leavingState = known
      } else {
        leavingState = state
      }
      return
    }
    unresolved.insert(index)
    if var known = jumpState {
      var state = state
      if known.meet(&state) { jumpStateHasChanged = true }
      jumpState = known
    } else {
      jumpState = state
      jumpStateHasChanged = true
    }
  }

  /// Runs on into what comes behind the FDE in memory.
  mutating func fallOff(at index: Int, _ state: AbstractState) {
    let instruction = flow.instructions[index]
    switch instruction.flow {
    case .call, .indirectCall: return
    default: break
    }
    guard state.doubt < 0, !instruction.isFiller, instruction.end >= range.upperBound,
      let other = table.index(at: instruction.end), table.fdes[other].addresses.lowerBound == instruction.end
    else { return }
    var copy = state
    leave(to: instruction.end, from: index, &copy, .fallThrough)
  }

  /// Calls a function under another FDE, whose first row is then entered as the ABI says.
  mutating func callFunction(_ target: UInt64, from index: Int) {
    guard !isReporting, let other = table.index(at: target), other != result.fde else { return }
    let fde = table.fdes[other]
    guard fde.addresses.lowerBound == target else { return }
    let from = flow.instructions[index].address
    if foreign.isWrongEntry(of: other) {
      note(PartJump(from: from, to: target, fde: other, fit: .wrongEntry))
    } else if foreign.isOutermost(other) {
      note(PartJump(from: from, to: target, fde: other, fit: .open))
    }
  }

  /// In a signal frame unwinders look for the row of the return address itself, not of the byte before: the call goes wrong where that
  /// row does, whether it returns or not.
  mutating func judgeReturnAddress(of index: Int, _ state: inout AbstractState) {
    guard judge.cie.isSignalFrame, state.disagreement.isEmpty else { return }
    let end = flow.instructions[index].end
    var row: RowClaims?
    var judge = judge
    if range.contains(end) {
      row = flow.row(at: index + 1).map { flow.rows[$0] }
    } else if let other = table.index(at: end) {
      row = foreign.row(at: end, fde: other)
      judge = Judge(section: table.section(of: table.fdes[other]), cie: table.cie(of: table.fdes[other]))
    }
    guard let row else {
      setVerdict(.unknown(.noRow), at: index)
      return
    }
    let judgement = judge.judge(row, &state, pc: end)
    guard !judgement.isSatisfied else { return }
    guard !judgement.disagreement.isEmpty else {
      setVerdict(.unknown(judgement.doubt ?? .follows), at: index)
      return
    }
    hasContradiction = true
    setVerdict(.refuted, at: index)
    if isReporting {
      report(judgement.disagreement, state, from: index, to: end, row: row, .afterCall)
    }
  }

  private mutating func setVerdict(_ verdict: InstructionVerdict, at index: Int) {
    flow.verdicts[index] = verdict
    let block = Int(flow.blockOf[index])
    if index == Int(flow.blocks[block].start) { flow.blocks[block].verdict = verdict }
  }
}
