internal import CallFrameInfo
internal import Instructions

extension FlowCheck {
  /// Follows control from the function's start until nothing new is learnt; then what nothing led to.
  mutating func followAll() {
    enter()
    if stacks != nil { startAtLandings() }
    while true {
      while let block = flow.next() { follow(block) }
      if jumpStateHasChanged {
        jumpStateHasChanged = false
        for block in jumpHeads { jumpIndirectly(to: block) }
        continue
      }
      if followDeferred() || followUnreached() { continue }
      break
    }
    guard hasContradiction else { return }
    // Which contradictions stand is known now: on the way here some may have gone, as less was known.
    isReporting = true
    for block in flow.blocks.indices where flow.blocks[block].isReached {
      flow.blocks[block].verdict = flow.blocks[block].origin
    }
    enter()
    for block in jumpHeads { jumpIndirectly(to: block) }
    for block in flow.blocks.indices where flow.blocks[block].isReached { follow(block) }
  }

  /// The function's first row against what the ABI says.
  private mutating func enter() {
    guard let row = flow.row(at: 0) else { return }
    guard !flow.hasLeadingFiller || facts.isWholeFunction(flow.instructions[0].address) else { return }
    var entry = AbstractState.entry
    let judgement = judge.judge(flow.rows[row], &entry, pc: flow.instructions[0].address)
    // Otherwise it is a part of another function, or not entered by a call: as any block that nothing here leads to.
    guard !judge.cie.isSignalFrame else { return }
    if judgement.isSatisfied { start(0, .entry, .proved) }
    if flow.rows[row].isOutermost, judgement.doubt == .outermost, judgement.disagreement.isEmpty,
      facts.isWholeFunction(flow.instructions[0].address)
    {
      // Whether it returns to somebody is known at its exits.
      entry.standing = .assumed
      start(0, entry, .unknown(.outermost))
    }
    // With the CFA and the return address of a frame that a call has just made, it is one: rules that speak of words below rsp are wrong.
    // So is one that looks for the return address above the CFA: no call puts it there.
    if judgement.disagreement.cfa == nil,
      judgement.disagreement.returnAddress == nil || flow.rows[row].findsReturnAddressAboveCFA,
      !judgement.hasUnknownCFA,
      !judgement.disagreement.isEmpty, facts.isWholeFunction(flow.instructions[0].address)
    {
      entry.disagreement = judgement.disagreement
      hasContradiction = true
      if isReporting { reportEntry(judgement.disagreement, entry, row: flow.rows[row]) }
      start(0, entry, disagreed(flow.rows[row], judgement.disagreement))
    }
  }

  /// Begins at a block that no way leads to which could be followed.
  mutating func start(_ block: Int, _ state: AbstractState, _ verdict: InstructionVerdict) {
    guard !isReporting else { return }
    flow.blocks[block].origin = verdict
    flow.blocks[block].verdict = flow.blocks[block].verdict.worse(verdict)
    var state = state
    state.isThorough = stacks?.isHarvesting == true
    merge(&state, into: block)
  }

  /// Takes up what is true on one more way into a block.
  ///
  /// The state stays as it is: it is `inout` so that it is not copied.
  mutating func merge(_ state: inout AbstractState, into block: Int) {
    guard !isReporting else { return }
    if flow.blocks[block].isReached {
      if flow.states[block].meet(&state) { flow.schedule(block) }
    } else {
      flow.blocks[block].isReached = true
      flow.states[block] = state
      flow.schedule(block)
    }
  }

  /// Follows control through a block.
  mutating func follow(_ block: Int) {
    var state = flow.states[block]
    let end = Int(flow.blocks[block].end)
    var index = Int(flow.blocks[block].start)
    if !state.entries.isEmpty { for place in index..<end { flow.entries[place] = state.entries } }
    while true {
      let instruction = flow.instructions[index]
      let next = index + 1
      var edge = Evidence.Edge.fallThrough
      var disturbance = Disturbance(registers: 0, memory: false)
      switch instruction.flow {
      case .next, .system:
        let field = stacks == nil ? .unknown : readField(of: instruction, state)
        disturbance = state.apply(
          instruction, index: index, supposition.convention, marksFramePointer: marksFramePointer(index))
        if stacks != nil { followStacks(at: index, field, end: end, &state, &disturbance) }
        if state.doubt >= 0, !instruction.isFiller { state.doubt = -1 }
      case .call, .indirectCall:
        if case .call(let target?) = instruction.flow { call(target, from: index, &state) }
        disturbance = state.apply(instruction, index: index, supposition.convention)
        if !sites.isEmpty { unwind(from: index, state) }
        judgeReturnAddress(of: index, &state)
        if facts.neverReturns(instruction.flow) { return }
        edge = .afterCall
        switch poppedByCallee(of: instruction, before: next) {
        case 0?: break
        case let size?: state[AbstractState.rsp] = state[AbstractState.rsp].adding(size)
        case nil: state[AbstractState.rsp] = .unknown
        }
        let isFollowedByFiller = next < flow.instructions.count && flow.instructions[next].isFiller
        state.doubt = isFollowedByFiller ? Int32(index) : -1
      case .branch(let target):
        disturbance = state.apply(instruction, index: index, supposition.convention)
        state.doubt = -1
        if let target { go(to: target, from: index, &state) } else { leaveFile(at: index, state) }
      case .jump(let target):
        if let target {
          go(to: target, from: index, &state)
        } else if !jumpElsewhere(at: index, state) {
          leaveFile(at: index, state)
        }
        return
      case .indirectJump(let slot):
        if let targets = switches[index] {
          for target in targets { go(to: target, from: index, &state) }
        } else {
          leave(at: index, through: slot, state)
        }
        return
      case .return(let size):
        if stacks?.isHarvesting == true { harvestLeaving(&state) }
        `return`(at: index, popping: size, state)
        return
      case .stop: return
      case .undecodable:
        flow.verdicts[index] = .unknown(.undecodable)
        if index == Int(flow.blocks[block].start) { flow.blocks[block].verdict = .unknown(.undecodable) }
        return
      }
      guard next < flow.instructions.count, flow.instructions[next].address == instruction.end else {
        fallOff(at: index, state)
        return
      }
      if next == end {
        arrive(at: Int(flow.blockOf[next]), from: index, edge, &state)
        return
      }
      guard step(from: index, to: next, edge, disturbance, &state) else { return }
      index = next
    }
  }

  /// Whether an instruction marks the frame pointer of an asynchronous Swift function before the push, or takes the mark off behind
  /// the pop.
  private func marksFramePointer(_ index: Int) -> Bool {
    guard fileConvention.marksFramePointers, flow.instructions[index].effect == .other,
      flow.instructions[index].changes == RegisterSet(.rbp)
    else { return false }
    let next = index + 1
    if next < flow.instructions.count, flow.instructions[next].effect == .push(.register(.rbp)) { return true }
    guard index > 0 else { return false }
    return flow.instructions[index - 1].effect == .pop(.rbp) || flow.instructions[index - 1].effect == .leave
  }

  /// Compares the row of the next instruction of a block.
  ///
  /// - Returns: false if control does not get there.
  private mutating func step(
    from index: Int, to next: Int, _ edge: Evidence.Edge, _ disturbance: Disturbance, _ state: inout AbstractState
  ) -> Bool {
    if flow.rowOf[next] == flow.rowOf[index] {
      guard let row = flow.row(at: next) else {
        flow.verdicts[next] = .unknown(.noRow)
        return true
      }
      if !disturbance.memory, disturbance.registers & flow.rows[row].watched == 0 {
        flow.verdicts[next] =
          state.disagreement.isEmpty
          ? .following(state.standing) : disagreed(flow.rows[row], state.disagreement)
        return true
      }
    }
    switch assess(&state, from: index, to: next, edge) {
    case .none: return false
    case .verdict(let verdict): flow.verdicts[next] = verdict
    case .uncertain(let reason):
      flow.verdicts[next] = .unknown(reason)
      state = adopted(next)
    }
    return true
  }

  func disagreed(_ claims: RowClaims, _ disagreement: Disagreement) -> InstructionVerdict {
    claims.isOutermost && !disagreement.losesReturnAddress ? .unknown(.outermost) : .refuted
  }

  /// A state of which nothing is known but what the row says.
  private func adopted(_ index: Int) -> AbstractState {
    var state = AbstractState()
    if let row = flow.row(at: index) {
      state.adopt(flow.rows[row], in: judge.section, cie: judge.cie, index: index)
    }
    state.standing = .assumed
    return state
  }

  /// Comes to the start of a block.
  mutating func arrive(at block: Int, from index: Int, _ edge: Evidence.Edge, _ state: inout AbstractState) {
    switch assess(&state, from: index, to: Int(flow.blocks[block].start), edge) {
    case .none: return
    case .uncertain(let reason):
      flow.blocks[block].verdict = flow.blocks[block].verdict.worse(.unknown(reason))
      if flow.blocks[block].isReached {
        spoil(block)
      } else if edge == .landingPad, !isReporting {
        deferredPads.insert((index, state), at: block)
      }
    case .verdict(let verdict):
      flow.blocks[block].verdict = flow.blocks[block].verdict.worse(verdict)
      guard !state.disagreement.isEmpty else {
        merge(&state, into: block)
        return
      }
      // Where another way agrees with the row, that one is believed.
      if flow.blocks[block].isReached { spoil(block) } else if !isReporting { deferred.insert(state, at: block) }
    }
  }

  /// Takes from a block that what is known at its start is proved.
  private mutating func spoil(_ block: Int) {
    guard !isReporting, flow.blocks[block].isReached, flow.states[block].standing != .assumed else { return }
    flow.states[block].standing = .assumed
    flow.schedule(block)
  }

  /// Follows the first way that contradicts its row into a block that no other way led to.
  private mutating func followDeferred() -> Bool {
    while deferred.isEmpty, let (block, (index, state)) = deferredPads.popFirst() {
      // Nothing that agrees with the row has led there.
      guard !flow.blocks[block].isReached else { continue }
      wrongPads.insert(block)
      var state = state
      arrive(at: block, from: index, .landingPad, &state)
    }
    guard !deferred.isEmpty else { return false }
    while let (block, first) = deferred.popFirst() {
      guard flow.blocks[block].isReached else {
        var state = first
        merge(&state, into: block)
        return true
      }
      spoil(block)
    }
    return true
  }

  /// Begins at the first block that nothing led to: first of those that no jump or branch of this function leads to.
  private mutating func followUnreached() -> Bool {
    while unreachedCursor < 2 * flow.blocks.count {
      let isSecondPass = unreachedCursor >= flow.blocks.count
      let block = isSecondPass ? unreachedCursor - flow.blocks.count : unreachedCursor
      unreachedCursor += 1
      if flow.blocks[block].isReached || flow.isFiller(block) { continue }
      if !isSecondPass, flow.blocks[block].isTarget || followsUnreached(block) { continue }
      begin(at: block)
      return true
    }
    return false
  }

  /// Whether the block before goes on into it, and will be begun at.
  private func followsUnreached(_ block: Int) -> Bool {
    guard block > 0, !flow.blocks[block - 1].isReached, !flow.isFiller(block - 1) else { return false }
    let last = flow.instructions[Int(flow.blocks[block].start) - 1]
    return !last.endsFlow && last.end == flow.instructions[Int(flow.blocks[block].start)].address
  }

  private mutating func begin(at block: Int) {
    let index = Int(flow.blocks[block].start)
    guard let row = flow.row(at: index) else {
      start(block, AbstractState(), .unknown(.noRow))
      return
    }
    let address = flow.instructions[index].address
    var entry = AbstractState.entry
    if facts.isFunction(address) || facts.stubName(at: address) != nil,
      judge.judge(flow.rows[row], &entry, pc: address).isSatisfied
    {
      start(block, .entry, .proved)
      return
    }
    if jumpState ?? leavingState != nil {
      jumpHeads.append(block)
      jumpIndirectly(to: block)
      return
    }
    var state = adopted(index)
    state.standing = .conditional
    state.isCertain = block == 0 || block == 1 && flow.hasLeadingFiller
    state.entries = EntrySet(index: result.entries.count)
    result.entries.append(address)
    start(block, state, .conditional)
  }

  /// Comes by the function's indirect jumps to a block that nothing else leads to: if the row fits all of them, it is right
  /// whichever leads here.
  private mutating func jumpIndirectly(to block: Int) {
    let index = Int(flow.blocks[block].start)
    guard let row = flow.row(at: index), var state = jumpState ?? leavingState else { return }
    // That a jump leads here is likely, not certain: behind a call that never returns may be code that nothing leads to at all.
    state.isCertain = false
    if judge.judge(flow.rows[row], &state, pc: flow.instructions[index].address).isSatisfied {
      state.disagreement = Disagreement()
      flow.blocks[block].verdict = flow.blocks[block].verdict.worse(.following(state.standing))
      merge(&state, into: block)
    } else {
      flow.blocks[block].verdict = flow.blocks[block].verdict.worse(.unknown(.indirectJump))
      state = adopted(index)
      merge(&state, into: block)
    }
  }
}

extension Instruction {
  /// Control never goes on to the next one.
  var endsFlow: Bool {
    switch flow {
    case .jump, .indirectJump, .return, .stop, .undecodable: true
    default: false
    }
  }
}
