internal import CallFrameInfo
internal import Instructions

extension FlowCheck {
  /// Why the row behind an instruction computes from a register of which nothing is known.
  mutating func doubt(at index: Int, _ row: RowClaims) -> UnknownReason {
    guard let stacks else {
      noteStackLoad(at: index, row)
      return .registerValue
    }
    return stacks.loads.contains(flow.instructions[index].address) ? .handOver : .registerValue
  }

  /// Notes that an instruction may switch stacks: it loads the register that the row behind it goes by, and what is not known.
  private mutating func noteStackLoad(at index: Int, _ row: RowClaims) {
    let instruction = flow.instructions[index]
    guard case .register(let register, _) = row.cfa, case .move(let loaded, let source) = instruction.effect,
      loaded == .rsp || loaded == .rbp, UInt16(loaded.rawValue) == register
    else { return }
    switch source {
    case .memory, .register: break
    case .constant, .unknown: return
    }
    if !result.stackLoads.contains(instruction.address) { result.stackLoads.append(instruction.address) }
  }

  /// Collects what a function hands to others.
  mutating func harvest(_ index: Int, isLayingOut: Bool, _ stacks: StackSwitches) -> FunctionHarvest {
    stacks.isHarvesting = true
    _ = check(index)
    var harvest = FunctionHarvest(fde: index)
    harvest.isLayingOut = isLayingOut
    stacks.harvest = harvest
    // All is known: once more through each block, to write it down.
    isReporting = true
    for block in flow.blocks.indices where flow.blocks[block].isReached { follow(block) }
    stacks.isHarvesting = false
    defer { stacks.harvest = nil }
    return stacks.harvest ?? harvest
  }

  /// Whether a row goes by a stack pointer that was an argument: what a switch is, not a wrong row.
  func isStackPassed(_ judgement: Judgement, at index: Int) -> Bool {
    guard let cfa = judgement.disagreement.cfa, cfa.isArgument,
      case .move(.rsp, .register) = flow.instructions[index].effect
    else { return false }
    return true
  }

  /// Where an instruction loads a register from, if that is a known place outside the frame; else unknown.
  func readField(of instruction: Instruction, _ state: AbstractState) -> AbstractValue {
    guard case .move(_, .memory(let address)) = instruction.effect else { return .unknown }
    let place = state.place(of: address)
    return place.isFrameAddress ? .unknown : place
  }

  /// Takes part in the execution of an instruction behind which the block goes on: goes over to the frame that is switched to, or
  /// writes down what is handed over.
  ///
  /// - Parameters:
  ///   - field: what `readField` said before.
  ///   - end: where the block ends.
  ///   - state: behind the instruction.
  mutating func followStacks(
    at index: Int, _ field: AbstractValue, end: Int, _ state: inout AbstractState, _ disturbance: inout Disturbance
  ) {
    guard let stacks else { return }
    let instruction = flow.instructions[index]
    guard !stacks.isHarvesting else {
      if stacks.harvest != nil { write(down: instruction, field, state, stacks) }
      if stacks.loads.contains(instruction.address) {
        if !state.hasSwitched { stacks.harvest?.leave(&state) }
        state.hasSwitched = true
      }
      return
    }
    guard let landing = stacks.landings[instruction.address] else { return }
    let before = state
    state = landing.state
    state.hasSwitched = true
    state.isCertain = before.isCertain
    state.standing = Swift.max(before.standing, landing.standing)
    state.entries = before.entries
    if landing.standing == .conditional { state.entries.formUnion(entry(landing.address)) }
    disturbance = Disturbance(registers: .max, memory: true)
    guard !state.entries.isEmpty else { return }
    for place in index + 1..<Swift.max(index + 1, end) { flow.entries[place] = state.entries }
  }

  /// The entry of that address, new or known.
  private mutating func entry(_ address: UInt64) -> EntrySet {
    if let known = result.entries.firstIndex(of: address) { return EntrySet(index: known) }
    result.entries.append(address)
    return EntrySet(index: result.entries.count - 1)
  }

  /// Writes down what is true where a function returns that switches no stack.
  func harvestLeaving(_ state: inout AbstractState) {
    guard let stacks, var harvest = stacks.harvest, !state.hasSwitched, harvest.stackLoads.isEmpty else { return }
    harvest.leave(&state)
    let answer = state[Int(GeneralRegister.rax.rawValue)]
    if harvest.isLayingOut, answer.isPlace, !answer.isFrameAddress, answer.constant == nil {
      harvest.note(FunctionHarvest.Publication(address: range.lowerBound, field: FunctionHarvest.passed, value: answer))
    }
    stacks.harvest = harvest
  }

  private func write(
    down instruction: Instruction, _ field: AbstractValue, _ state: AbstractState, _ stacks: StackSwitches
  ) {
    guard var harvest = stacks.harvest else { return }
    // Its arrays are this one's alone then: nothing is copied.
    stacks.harvest = nil
    if let store = instruction.store, store.size == 8 {
      let place = state.place(of: store.address)
      var state = state
      let value = state.value(of: store.value)
      if place.isPlace, !place.isFrameAddress, place.constant == nil, value.isPlace {
        // Behind a switch an address in the frame is one in another frame.
        let known = state.hasSwitched && value.isFrameAddress ? AbstractValue.unknown : value
        harvest.note(FunctionHarvest.Publication(address: instruction.address, field: place, value: known))
        if value.offset == 0, !value.isFrameAddress, value.constant == nil {
          harvest.note(FunctionHarvest.Edge(from: place.base, offset: place.offset, to: value.base))
        }
      }
    }
    if case .move(let register, let source) = instruction.effect {
      let value = state[Int(register.rawValue)]
      let isStackLoad = stacks.loads.contains(instruction.address)
      if field.isPlace, field.constant == nil {
        harvest.origins[value.base] = field
        if !isStackLoad { harvest.note(FunctionHarvest.Edge(from: field.base, offset: field.offset, to: value.base)) }
      }
      if isStackLoad, !state.hasSwitched {
        var origin = field
        if case .register(let copied) = source, state[Int(copied.rawValue)].offset == 0 {
          let word = state[Int(copied.rawValue)]
          origin = word.isArgument ? FunctionHarvest.passed : harvest.origins[word.base] ?? .unknown
          // The word is a stack pointer, not a structure.
          harvest.edges = harvest.edges.filter { $0.to != state[Int(copied.rawValue)].base }
        }
        if origin == FunctionHarvest.passed {
          for number in 0..<16 where state[number].isFrameAddress && number != Int(register.rawValue) {
            harvest.note(
              FunctionHarvest.Publication(address: instruction.address, field: origin, value: state[number]))
          }
        }
        if origin.isPlace {
          harvest.stackLoads.append(
            FunctionHarvest.StackLoad(
              address: instruction.address, next: instruction.end, register: Int(register.rawValue), field: origin))
        }
      }
    }
    stacks.harvest = harvest
  }

  /// Begins at the places that only returns and walks lead to from other frames.
  mutating func startAtLandings() {
    guard let stacks, !stacks.isHarvesting else { return }
    for refutation in stacks.refutations[result.fde] ?? [] {
      guard let place = flow.index(at: refutation.address), let row = flow.row(at: place) else { continue }
      var state = AbstractState()
      state.adopt(flow.rows[row], in: judge.section, cie: judge.cie, index: place)
      let block = Int(flow.blockOf[place])
      if Int(flow.blocks[block].start) == place { start(block, state, .refuted) }
      add(refutation.finding, FindingCause(rule: refutation.finding.rule, target: refutation.address))
    }
    for landing in stacks.returns[result.fde] ?? [] {
      guard let place = flow.index(at: landing.address) else { continue }
      startAt(place, landing)
      // Where unwinders look that subtract one from a return address.
      if place > 0, flow.instructions[place - 1].isFiller, flow.instructions[place - 1].end == landing.address {
        startAt(place - 1, landing)
      }
    }
  }

  private mutating func startAt(_ place: Int, _ landing: StackSwitches.Landing) {
    let block = Int(flow.blockOf[place])
    guard let row = flow.row(at: place), Int(flow.blocks[block].start) == place, !flow.blocks[block].isReached else {
      return
    }
    var state = landing.state
    guard judge.judge(flow.rows[row], &state, pc: flow.instructions[place].address).isSatisfied else { return }
    state.standing = landing.standing
    state.entries = landing.standing == .conditional ? entry(landing.address) : []
    start(block, state, .following(state.standing))
  }
}
