internal import CallFrameInfo
internal import Instructions

extension FlowCheck {
  /// What is known of a row after one way to it.
  enum Assessment {
    /// Control never takes that way.
    case none
    /// What the way says of the row; the state agrees with it now, or `disagreement` says how it does not.
    case verdict(InstructionVerdict)
    /// The state contradicts the row, and it is not known whether control takes that way: whether a call returns, or throws.
    case uncertain(UnknownReason)
  }

  /// Compares the row of the instruction `to` with what is known behind the instruction `from`.
  mutating func assess(
    _ state: inout AbstractState, from: Int, to: Int, _ edge: Evidence.Edge
  ) -> Assessment {
    guard let row = flow.row(at: to) else {
      state.standing = Swift.max(state.standing, .assumed)
      state.disagreement = Disagreement()
      return .verdict(.unknown(.noRow))
    }
    var judgement = compare(flow.rows[row], &state, pc: flow.instructions[to].address)
    if judgement.isSatisfied {
      state.disagreement = Disagreement()
      return .verdict(.following(state.standing))
    }
    if isStackPassed(judgement, at: from) { judgement = Judgement(doubt: .registerValue) }
    if judgement.doubt == .registerValue { judgement.doubt = doubt(at: from, flow.rows[row]) }
    // Is there such a way? Behind a call of a function that never returns is whatever comes next in memory.
    let call = edge == .afterCall ? from : state.doubt >= 0 ? Int(state.doubt) : nil
    if let call {
      switch returns(from: call) {
      case .never: return .none
      case .unknown: if !judgement.disagreement.isEmpty { return .uncertain(.callReturns) }
      case .returns: break
      }
    }
    if judgement.isOtherFrame {
      state = AbstractState()
      state.isCertain = true
    }
    // Ranges of calls with a landing pad go over calls that never throw, for which GCC leaves pushed arguments out of account. But
    // one of them does throw: where all contradict the row, it is wrong.
    if edge == .landingPad, !judgement.disagreement.isEmpty, !wrongPads.contains(Int(flow.blockOf[to])) {
      return .uncertain(.callThrows)
    }
    guard !judgement.disagreement.isEmpty else {
      state.disagreement = Disagreement()
      state.adopt(flow.rows[row], in: judge.section, cie: judge.cie, index: to)
      if judgement.hasUnknownCFA { state.isFrameAdopted = true }
      return .verdict(judgement.doubt.map(InstructionVerdict.unknown) ?? .following(.assumed))
    }
    guard state.isCertain else {
      state = AbstractState()
      state.adopt(flow.rows[row], in: judge.section, cie: judge.cie, index: to)
      return .verdict(.unknown(jumpState == nil ? .unreached : .indirectJump))
    }
    hasContradiction = true
    if isReporting {
      report(judgement.disagreement, state, from: from, to: flow.instructions[to].address, row: flow.rows[row], edge)
    }
    // What is known follows from the code, whatever the row says: rows that agree with it again are proved.
    state.disagreement = judgement.disagreement
    return .verdict(disagreed(flow.rows[row], judgement.disagreement))
  }

  /// Compares a row, which may follow a return address that the function has moved: where callees pop their arguments (Swift's
  /// asynchronous functions, fastcc with tail calls), a tail call with fewer or more of them moves it and the frame with it.
  ///
  /// It changes nothing of the check itself; but `self`, of 1,800 bytes, would be copied for each row if it were not `mutating`.
  private mutating func compare(_ row: RowClaims, _ state: inout AbstractState, pc: UInt64) -> Judgement {
    let judgement = judge.judge(row, &state, pc: pc)
    guard let cfa = judgement.disagreement.cfa, cfa.isFrameAddress, case .offset(let distance) = row.returnAddress,
      state.load(cfa.adding(distance)) == .returnAddress
    else { return judgement }
    state.moveFrame(by: cfa.offset)
    return judge.judge(row, &state, pc: pc)
  }

  /// Follows a jump or a branch. The state stays as it is, but for `doubt`, which ends with a jump or a branch.
  mutating func go(to target: UInt64, from index: Int, _ state: inout AbstractState) {
    guard range.contains(target) else {
      leave(to: target, from: index, &state, flow.instructions[index].isBranch ? .branch : .tailCall)
      return
    }
    guard let place = flow.index(at: target) else { return }
    let block = Int(flow.blockOf[place])
    state.doubt = -1
    // Nearly always, and then `arrive` would leave the state as it is.
    if state.disagreement.isEmpty, let row = flow.row(at: Int(flow.blocks[block].start)),
      flow.rows[row].isPlainlyTrue(of: &state)
    {
      flow.blocks[block].verdict = flow.blocks[block].verdict.worse(.following(state.standing))
      merge(&state, into: block)
      return
    }
    var copy = state
    arrive(at: block, from: index, .branch, &copy)
  }

  /// Goes to the landing pad of a call, to which an exception comes with callee-saved registers and rsp as after the call, the
  /// arguments that the row counts taken off.
  mutating func unwind(from index: Int, _ state: AbstractState) {
    let address = flow.instructions[index].address
    var low = 0
    var high = sites.count
    while low < high {
      let middle = (low + high) / 2
      if sites[middle].addresses.lowerBound <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0, sites[low - 1].addresses.contains(address), let pad = sites[low - 1].landingPad else { return }
    var copy = state
    copy.doubt = -1
    if let row = flow.row(at: index) {
      copy[AbstractState.rsp] = copy[AbstractState.rsp].adding(flow.rows[row].argumentsSize)
    }
    guard range.contains(pad) else {
      leave(to: pad, from: index, &copy, .landingPad)
      return
    }
    guard let place = flow.index(at: pad) else { return }
    arrive(at: Int(flow.blockOf[place]), from: index, .landingPad, &copy)
  }

  /// Follows a call of an address under the same FDE: either the next address is pushed like any word, or the callee has a frame
  /// of its own.
  ///
  /// The state stays as it is: it is `inout` so that it is not copied.
  mutating func call(_ target: UInt64, from index: Int, _ state: inout AbstractState) {
    guard range.contains(target) else {
      callFunction(target, from: index)
      return
    }
    guard target != range.lowerBound, let place = flow.index(at: target), let row = flow.row(at: place) else { return }
    let block = Int(flow.blockOf[place])
    var pushed = state
    pushed[AbstractState.rsp] = pushed[AbstractState.rsp].adding(-8)
    _ = pushed.store(
      pushed[AbstractState.rsp], size: 8, value: .constant(Int64(bitPattern: flow.instructions[index].end)))
    pushed.doubt = -1
    for var candidate in [pushed, AbstractState.entry] {
      guard judge.judge(flow.rows[row], &candidate, pc: target).isSatisfied else { continue }
      candidate.standing = Swift.max(candidate.standing, state.standing)
      candidate.isCertain = state.isCertain
      candidate.disagreement = Disagreement()
      flow.blocks[block].verdict = flow.blocks[block].verdict.worse(.following(candidate.standing))
      merge(&candidate, into: block)
      return
    }
  }

  /// Whether the call at `index` returns.
  private mutating func returns(from index: Int) -> CallReturns.Answer {
    let next = index + 1
    if facts.neverReturns(flow.instructions[index].flow) { return .never }
    if case .call(let target?) = flow.instructions[index].flow {
      let answer = calls.answer(for: target, reader: reader, facts: facts)
      if answer != .unknown { return answer }
    }
    // Code that nothing else can lead to is there because the call returns.
    guard next < flow.instructions.count, !flow.instructions[next].isFiller, unresolved.isEmpty,
      !flow.blocks[Int(flow.blockOf[next])].isTarget || flow.blockOf[next] == flow.blockOf[index],
      fde.lsda == nil || !sites.isEmpty
    else { return .unknown }
    return .returns
  }
}

extension Instruction {
  var isBranch: Bool {
    if case .branch = flow { return true }
    return false
  }
}
