internal import CallFrameInfo

extension HandOvers {
  /// What a walk over one link comes to.
  private enum Outcome {
    /// The end of the stack, declared so.
    case end
    /// A frame whose row is right there.
    case frame(fde: Int, StackSwitches.Landing)
    /// What is no frame, in words.
    case wrong(String)
    case open
  }

  /// Follows all links that may be stored in a base.
  ///
  /// - Parameter place: of the function that laid out the stack.
  mutating func follow(_ base: LinkedBase, of place: Int, _ stacks: StackSwitches) {
    guard let links = candidates(base.field, of: place), !links.isEmpty else { return }
    var ways = base.ways
    var found: [(fde: Int, landing: StackSwitches.Landing)] = []
    var isOpen = false
    var hasEnd = false
    var wrong: (word: FunctionHarvest.Publication, words: String)?
    for candidate in links {
      let harvest = facts.harvests[candidate.harvest]
      let word = candidate.publication
      switch walk(base, harvest, word) {
      case .end: hasEnd = true
      case .frame(let fde, let frame):
        ways.append(Self.way(from: harvest, word))
        found.append((fde, frame))
      case .wrong(let found): wrong = wrong ?? (word, found)
      case .open: isOpen = true
      }
    }
    if let wrong {
      // Where the row is right for some, another may be none that is meant: a word at the same distance from another pointer.
      if found.isEmpty, !hasEnd, !isOpen {
        stacks.refutations[base.fde, default: []].append(refutation(of: base, wrong.word, wrong.words))
      }
      return
    }
    guard !isOpen, let state = base.state else { return }
    for (fde, frame) in found { stacks.returns[fde, default: []].append(frame) }
    stacks.returns[base.fde, default: []].append(
      StackSwitches.Landing(address: base.address, state: state, ways: ways))
  }

  /// Walks from the base over a link that a function stores.
  private mutating func walk(
    _ base: LinkedBase, _ harvest: FunctionHarvest, _ word: FunctionHarvest.Publication
  ) -> Outcome {
    var state: AbstractState
    if word.value.isFrameAddress {
      guard let leaving = harvest.leaving else { return .open }
      state = leaving
    } else if let number = word.value.constant {
      state = AbstractState()
      remember(around: UInt64(bitPattern: Int64(number)), &state)
    } else {
      return .open
    }
    state.forgetRegisters()
    state.isThorough = true
    _ = state.store(word.field, size: 8, value: word.value)
    state[base.register] = word.field.adding(0 &- base.distance)
    guard let step = FrameWalk(base.row, base.judge, state, pc: base.address) else { return .open }
    guard let number = step.returnAddress.constant else {
      return step.returnAddress.isUnknown
        ? .open : .wrong("the return address is \(FlowWords.text(step.returnAddress))")
    }
    let address = UInt64(bitPattern: Int64(number))
    guard let fde = table.index(at: address), let row = foreign.row(at: address, fde: fde) else {
      return .wrong("the return address is 0x\(String(address, radix: 16)), where no code is")
    }
    if row.isOutermost { return .end }
    guard word.value.isFrameAddress else { return .open }
    let judge = judge(of: fde)
    var caller = step.caller
    let judgement = judge.judge(row, &caller, pc: address)
    guard judgement.isSatisfied else {
      return judgement.disagreement.isEmpty
        ? .open : .wrong("the row at 0x\(String(address, radix: 16)), where it returns, finds another frame")
    }
    return .frame(
      fde: fde,
      StackSwitches.Landing(address: address, state: caller.leftBehind(), ways: [Self.way(from: harvest, word)]))
  }

  /// Notes words of the file's data around an address.
  private mutating func remember(around address: UInt64, _ state: inout AbstractState) {
    for distance in stride(from: -16, through: 16, by: 8) {
      let place = address &+ UInt64(bitPattern: Int64(distance))
      guard let word = words.word(at: place) else { continue }
      state.remember(.constant(Int64(bitPattern: place)), .constant(Int64(bitPattern: word)))
    }
  }

  private func refutation(
    of base: LinkedBase, _ word: FunctionHarvest.Publication, _ found: String
  ) -> StackSwitches.Refutation {
    let from = "0x\(String(word.address, radix: 16))"
    let claim = "the link leads to the frame of whoever resumed this stack"
    let reality = "by the link that \(from) stores, \(found)"
    return StackSwitches.Refutation(
      address: base.address,
      finding: Finding(
        .returnAddressWrong, fde: base.fde, address: base.address,
        explanation: "the row says that \(claim); \(reality)",
        evidence: Evidence(
          .return, from: word.address, to: base.address, claim: claim, reality: reality,
          consequence: "every unwinder that comes to the base of such a stack loses it, or invents a frame")))
  }
}
