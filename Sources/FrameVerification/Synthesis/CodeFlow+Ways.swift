internal import CallFrameInfo
internal import Instructions

extension CodeFlow {
  /// Follows control from the function's start until nothing new is learnt.
  mutating func followAll() {
    if let place = flow.index(at: head) {
      var entry = AbstractState.entry
      merge(&entry, into: Int(flow.blockOf[place]))
    }
    while true {
      while let block = flow.next() { follow(block) }
      if followReturn() { continue }
      if jumpStateHasChanged {
        jumpStateHasChanged = false
        for block in jumpHeads { jumpIndirectly(to: block) }
        continue
      }
      if followUnreached() { continue }
      return
    }
  }

  /// Takes up what is true on one more way into a block. The state stays as it is.
  mutating func merge(_ state: inout AbstractState, into block: Int) {
    if flow.blocks[block].isReached {
      if flow.states[block].meet(&state) { flow.schedule(block) }
    } else {
      flow.blocks[block].isReached = true
      flow.states[block] = state
      flow.states[block].doubt = -1
      flow.schedule(block)
    }
  }

  private mutating func follow(_ block: Int) {
    var state = flow.states[block]
    state.doubt = -1
    var index = Int(flow.blocks[block].start)
    let end = Int(flow.blocks[block].end)
    while advance(&state, at: index) {
      let next = index + 1
      guard next < flow.instructions.count, flow.instructions[next].address == flow.instructions[index].end else {
        if state.doubt < 0, !flow.instructions[index].isFiller {
          leave(to: flow.instructions[index].end, &state)
        }
        return
      }
      if next == end {
        arrive(at: Int(flow.blockOf[next]), &state)
        return
      }
      index = next
    }
  }

  /// Executes an instruction, and follows the ways that leave it but the one to the next in memory.
  ///
  /// - Returns: whether control goes on to the next one.
  private mutating func advance(_ state: inout AbstractState, at index: Int) -> Bool {
    let instruction = flow.instructions[index]
    switch instruction.flow {
    case .next, .system:
      apply(&state, at: index)
      if state.doubt >= 0, !instruction.isFiller { state.doubt = -1 }
      return true
    case .call(let target):
      if let target { call(target, from: index, state) }
      return afterCall(&state, at: index)
    case .indirectCall: return afterCall(&state, at: index)
    case .branch(let target):
      apply(&state, at: index)
      state.doubt = -1
      if let target { go(to: target, &state) }
      return true
    case .jump(let target):
      if let target { go(to: target, &state) }
      return false
    case .indirectJump(let slot):
      if let targets = switches[index] {
        for target in targets { go(to: target, &state) }
      } else if slot == nil {
        note(&state, at: index)
      }
      return false
    case .return, .stop, .undecodable: return false
    }
  }

  /// Executes an instruction. Only right before rbp is pushed and right after it is popped is a change of the caller's rbp a mark.
  private func apply(_ state: inout AbstractState, at index: Int) {
    var convention = convention
    if convention.marksFramePointers {
      let next = index + 1 < flow.instructions.count ? flow.instructions[index + 1].effect : .other
      let last = index > 0 ? flow.instructions[index - 1].effect : .other
      convention.marksFramePointers = next == .push(.register(.rbp)) || last == .pop(.rbp)
    }
    _ = state.apply(flow.instructions[index], index: index, convention)
  }

  private mutating func afterCall(_ state: inout AbstractState, at index: Int) -> Bool {
    let instruction = flow.instructions[index]
    apply(&state, at: index)
    if !sites.isEmpty { unwind(from: index, state) }
    if facts.neverReturns(instruction.flow) { return false }
    if calleeMayPop(before: index + 1) { state[AbstractState.rsp] = .unknown }
    state.doubt = Int32(index)
    return true
  }

  /// Whether the callee of the call before `next` may have popped its arguments, as Swift's asynchronous functions do (`ret 8`):
  /// their callers take the room back right behind the call.
  private func calleeMayPop(before next: Int) -> Bool {
    guard convention.marksFramePointers, next < flow.instructions.count,
      case .sum(.rsp, .rsp, let change) = flow.instructions[next].effect
    else { return false }
    return change < 0
  }

  /// Comes to a block from the one before it in memory.
  private mutating func arrive(at block: Int, _ state: inout AbstractState) {
    let call = Int(state.doubt)
    guard call >= 0, !returning.contains(call) else {
      merge(&state, into: block)
      return
    }
    let way = Return(call: call, state: state)
    if isEndless(call) {
      lastReturns.insert(way, at: block)
    } else if flow.blocks[block].isTarget {
      joiningReturns.insert(way, at: block)
    } else {
      returns.insert(way, at: block)
    }
  }

  /// Follows one of the ways behind calls: first where nothing else leads, then where others have led, then the rest.
  private mutating func followReturn() -> Bool {
    while let (block, way) = returns.popFirst() { if take(way, to: block) { return true } }
    while let (block, way) = joiningReturns.popFirst() {
      if flow.blocks[block].isReached {
        if take(way, to: block) { return true }
      } else {
        lastReturns.insert(way, at: block)
      }
    }
    while let (block, way) = lastReturns.popFirst() {
      // Behind a function that is seen not to return is what nothing leads to, or what the jumps lead to that are not resolved.
      if isEndless(way.call), !unresolved.isEmpty || flow.isFiller(block) { continue }
      if take(way, to: block) { return true }
    }
    return false
  }

  /// Whether the function that is called is seen not to return. Its caller's compiler may not have known.
  private mutating func isEndless(_ call: Int) -> Bool {
    guard case .call(let target?) = flow.instructions[call].flow, !contains(target) else { return false }
    return calls.answer(for: target, reader: reader, facts: facts) == .never
  }

  /// - Returns: whether the call is taken to return.
  private mutating func take(_ way: Return, to block: Int) -> Bool {
    var way = way
    if flow.blocks[block].isReached {
      var met = flow.states[block]
      _ = met.meet(&way.state)
      guard RecoverableSet(of: flow.states[block], convention).isSubset(of: RecoverableSet(of: met, convention)) else {
        dropped.insert(way.call)
        return false
      }
    }
    dropped.remove(way.call)
    returning.insert(way.call)
    merge(&way.state, into: block)
    return true
  }

  /// Follows a jump or a branch. The state stays as it is.
  private mutating func go(to target: UInt64, _ state: inout AbstractState) {
    guard contains(target) else {
      leave(to: target, &state)
      return
    }
    guard let place = flow.index(at: target) else { return }
    merge(&state, into: Int(flow.blockOf[place]))
  }

  /// Leaves the addresses that are known to be the function's: to another function if all is as at entry, to a part of this one
  /// otherwise.
  private mutating func leave(to target: UInt64, _ state: inout AbstractState) {
    if isAsAtEntry(state), facts.isWholeFunction(target) || part(at: target)?.lowerBound == target { return }
    // Where control must not get, compilers let it run into what comes next in memory.
    if facts.isWholeFunction(target) || isStub(target) { return }
    wanted.insert(target)
  }

  /// Whether an imported function is entered at `target`, by a word of memory.
  private func isStub(_ target: UInt64) -> Bool {
    let code = reader.code(of: target..<Swift.max(target, target &+ Self.stubBytes)).instructions
    if case .indirectJump(slot: .some) = code.first(where: { $0.effect != .nothing })?.flow { return true }
    return false
  }

  /// Of an endbr64 and the jump.
  private static var stubBytes: UInt64 { 8 }

  /// Whether a caller could have entered here.
  private func isAsAtEntry(_ state: AbstractState) -> Bool {
    guard state[AbstractState.rsp] == .cfa.adding(-8), state.load(.cfa.adding(-8)) == .returnAddress else {
      return false
    }
    for register in 0..<16 where convention.unchangedByDefault.contains(GeneralRegister(rawValue: UInt8(register))) {
      if register != AbstractState.rsp, state[register] != .entry(register) { return false }
    }
    return true
  }

  /// Follows a call of an address of this function: the next address is pushed like any word if it is called for that; else what
  /// is called has a frame of its own.
  private mutating func call(_ target: UInt64, from index: Int, _ state: AbstractState) {
    guard contains(target), target != head, let place = flow.index(at: target) else { return }
    var entered = AbstractState.entry
    if target == flow.instructions[index].end {
      entered = state
      let pushed = state[AbstractState.rsp].adding(-8)
      entered[AbstractState.rsp] = pushed
      _ = entered.store(pushed, size: 8, value: .constant(Int64(bitPattern: target)))
    }
    merge(&entered, into: Int(flow.blockOf[place]))
  }

  /// Goes to the landing pad of a call, with rsp and callee-saved registers as after the call, the arguments that the file's row
  /// counts taken off.
  private mutating func unwind(from index: Int, _ state: AbstractState) {
    let address = flow.instructions[index].address
    let place = sites.firstIndexAbove(address) { $0.addresses.lowerBound } - 1
    guard place >= 0, sites[place].addresses.contains(address), let pad = sites[place].landingPad else { return }
    var copy = state
    copy.doubt = -1
    if let row = file.row(at: index) {
      copy[AbstractState.rsp] = copy[AbstractState.rsp].adding(file.rows[row].argumentsSize)
    }
    go(to: pad, &copy)
  }

  /// Takes up what is true at one more unresolved jump: one that leaves the function if all is as at entry, unless there is code
  /// that nothing else leads to.
  private mutating func note(_ state: inout AbstractState, at index: Int) {
    if isAsAtEntry(state) {
      leaving.insert(index)
      jumpStateHasChanged = meet(&leavingState, &state) || jumpStateHasChanged
    } else {
      unresolved.insert(index)
      jumpStateHasChanged = meet(&jumpState, &state) || jumpStateHasChanged
    }
  }

  /// Keeps what is true of both; returns whether anything was lost.
  private func meet(_ known: inout AbstractState?, _ state: inout AbstractState) -> Bool {
    guard var met = known else {
      known = state
      return true
    }
    let hasChanged = met.meet(&state)
    known = met
    return hasChanged
  }

  private mutating func jumpIndirectly(to block: Int) {
    guard var state = jumpState ?? leavingState else { return }
    if jumpState == nil { unresolved.formUnion(leaving) }
    state.standing = .assumed
    merge(&state, into: block)
  }

  /// Begins at the first block that nothing led to, and that a call or an unresolved jump may lead to: first of those that no jump
  /// or branch of this function leads to.
  private mutating func followUnreached() -> Bool {
    while unreachedCursor < 2 * flow.blocks.count {
      let isSecondPass = unreachedCursor >= flow.blocks.count
      let block = isSecondPass ? unreachedCursor - flow.blocks.count : unreachedCursor
      unreachedCursor += 1
      if flow.blocks[block].isReached || flow.isFiller(block) { continue }
      let address = flow.instructions[Int(flow.blocks[block].start)].address
      if facts.isWholeFunction(address) {
        var entry = AbstractState.entry
        merge(&entry, into: block)
        return true
      }
      guard jumpState ?? leavingState != nil, isSecondPass || !flow.blocks[block].isTarget && !followsUnreached(block)
      else { continue }
      jumpHeads.append(block)
      jumpIndirectly(to: block)
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

  /// What is known before each instruction, nil for those that nothing leads to.
  ///
  /// All ways have been followed: following them once more changes nothing.
  mutating func statesByInstruction() -> [AbstractState?] {
    var result = [AbstractState?](repeating: nil, count: flow.instructions.count)
    for block in flow.blocks.indices where flow.blocks[block].isReached {
      var state = flow.states[block]
      var index = Int(flow.blocks[block].start)
      let last = Int(flow.blocks[block].end) - 1
      result[index] = state
      while index < last, advance(&state, at: index) {
        index += 1
        result[index] = state
      }
    }
    return result
  }
}
