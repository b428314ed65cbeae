internal import CallFrameInfo

/// Finds out where switches of stacks, returns into stacks that were laid out, and walks over links lead.
struct HandOvers {
  let facts: HandOverFacts
  let table: CallFrameTable
  var foreign: ForeignRows
  var words: DataWords
  /// Words and the code that a stack laid out around them returns to: each is followed once.
  private var followed: Set<[UInt64]> = []
  /// How many words may still be looked at: a damaged file may have many loads that each may mean many.
  private var budget = 1 << 16

  init(_ facts: HandOverFacts, table: CallFrameTable, foreign: ForeignRows, words: DataWords) {
    self.facts = facts
    self.table = table
    self.foreign = foreign
    self.words = words
  }

  func judge(of fde: Int) -> Judge {
    Judge(section: table.section(of: table.fdes[fde]), cie: table.cie(of: table.fdes[fde]))
  }

  /// What `HandOverFacts.words` says, as long as that is not too much.
  mutating func candidates(_ field: AbstractValue, of place: Int) -> [HandOverFacts.Word]? {
    guard let words = facts.words(field, of: place), words.count <= budget else { return nil }
    budget -= words.count
    return words
  }

  /// Finds out about all switches.
  mutating func resolve(_ stacks: StackSwitches) {
    for (place, harvest) in facts.harvests.enumerated() {
      for load in harvest.stackLoads { resolve(load, of: place, stacks) }
    }
  }

  /// What fits a row, and what does not.
  private struct Tally {
    var landing: StackSwitches.Landing?
    var contradiction: (state: AbstractState, source: UInt64)?
    var isLaidOutWrongly = false
    /// A stack that ran, not only a new one.
    var hasFrame = false
    var isOpen = false

    mutating func add(_ state: AbstractState, _ way: StackSwitches.Way, at address: UInt64) {
      var state = state
      if var known = landing {
        _ = known.state.meet(&state)
        known.ways.append(way)
        landing = known
      } else {
        landing = StackSwitches.Landing(address: address, state: state, ways: [way])
      }
    }
  }

  private mutating func resolve(_ load: FunctionHarvest.StackLoad, of place: Int, _ stacks: StackSwitches) {
    let fde = facts.harvests[place].fde
    guard let row = foreign.row(at: load.next, fde: fde), case .register(let register, let offset) = row.cfa,
      Int(register) == load.register, let words = candidates(load.field, of: place)
    else { return }
    let judge = judge(of: fde)
    var tally = Tally()
    // A number is no stack: it says that none may be switched to.
    for candidate in words where candidate.publication.value.constant == nil {
      let harvest = facts.harvests[candidate.harvest]
      let word = candidate.publication
      let way = Self.way(from: harvest, word)
      if word.value.isFrameAddress {
        guard var state = harvest.leaving?.leftBehind() else {
          tally.isOpen = true
          continue
        }
        state.forgetRegisters()
        state[load.register] = word.value
        let judgement = judge.judge(row, &state, pc: load.next)
        if judgement.isSatisfied {
          tally.hasFrame = true
          tally.add(state, way, at: load.next)
        } else if judgement.disagreement.isEmpty {
          tally.isOpen = true
        } else if tally.contradiction == nil || tally.isLaidOutWrongly {
          tally.contradiction = (state, word.address)
        }
      } else if !word.value.isUnknown, harvest.isLayingOut {
        layOut(candidate, load, row, distance: offset, judge, way, &tally, stacks)
      } else {
        tally.isOpen = true
      }
    }
    if let contradiction = tally.contradiction {
      // Of several kinds of frames some of which fit, one may be none that this load means.
      guard tally.isLaidOutWrongly || !tally.hasFrame && !tally.isOpen else { return }
      stacks.landings[load.address] = StackSwitches.Landing(
        address: load.next, state: contradiction.state, source: contradiction.source)
    } else if !tally.isOpen, let landing = tally.landing {
      stacks.landings[load.address] = landing
    }
  }

  static func way(from harvest: FunctionHarvest, _ word: FunctionHarvest.Publication) -> StackSwitches.Way {
    StackSwitches.Way(
      fde: harvest.fde, address: word.address, standing: harvest.leaving?.standing ?? .assumed,
      entries: harvest.leaving?.entries ?? [])
  }

  /// A new stack is handed over. The row is right if it takes an address of code for the return address: what it recovers is what
  /// the code there starts with.
  private mutating func layOut(
    _ candidate: HandOverFacts.Word, _ load: FunctionHarvest.StackLoad, _ row: RowClaims, distance: Int64,
    _ judge: Judge, _ way: StackSwitches.Way, _ tally: inout Tally, _ stacks: StackSwitches
  ) {
    let word = candidate.publication
    guard var state = facts.harvests[candidate.harvest].leaving else {
      tally.isOpen = true
      return
    }
    state.forgetRegisters()
    state[load.register] = word.value
    guard let walk = FrameWalk(row, judge, state, pc: load.next), case .offset(let place) = row.returnAddress else {
      tally.isOpen = true
      return
    }
    var landed = AbstractState()
    landed[load.register] = .cfa.adding(0 &- distance)
    if let number = walk.returnAddress.constant, let code = table.index(at: UInt64(bitPattern: Int64(number))) {
      landed.adopt(row, in: judge.section, cie: judge.cie, index: 0)
      let pointer = landed[load.register]
      // What is in the others when control gets here nobody says.
      landed.forgetRegisters()
      landed[load.register] = pointer
      landed.standing = .proved
      landed.isCertain = true
      tally.add(landed, way, at: load.next)
      let address = UInt64(bitPattern: Int64(number))
      if followed.insert([word.address, address, load.next]).inserted {
        begin(at: address, fde: code, from: candidate.harvest, walk.caller, way, stacks)
      }
      return
    }
    guard holdsCode(state, word.value) else {
      tally.isOpen = true
      return
    }
    landed.remember(.cfa.adding(place), .computed)
    landed.isCertain = true
    // A frame that contradicts the row says more.
    tally.contradiction = tally.contradiction ?? (landed, word.address)
    tally.isLaidOutWrongly = true
  }

  /// Whether the structure that a word points into holds an address of code, but not where the row looks for it.
  private mutating func holdsCode(_ state: AbstractState, _ pointer: AbstractValue) -> Bool {
    for index in 0..<state.knownSlots {
      let word = state.slot(index)
      if word.address.base == pointer.base, let number = word.value.constant, number > 0,
        let code = table.index(at: UInt64(number)), let row = foreign.row(at: UInt64(number), fde: code), !row.isCalled
      {
        return true
      }
    }
    return false
  }

  /// Code that is returned to on a stack that was laid out: the base of a stack, as a rule.
  ///
  /// - Parameters:
  ///   - place: of the function that laid it out.
  ///   - entered: registers and memory there.
  private mutating func begin(
    at address: UInt64, fde: Int, from place: Int, _ entered: AbstractState, _ way: StackSwitches.Way,
    _ stacks: StackSwitches
  ) {
    guard let row = foreign.row(at: address, fde: fde) else { return }
    let judge = judge(of: fde)
    guard !row.isOutermost else {
      // Nobody goes on from there, so that nothing of the row can be wrong.
      var state = AbstractState()
      state.adopt(row, in: judge.section, cie: judge.cie, index: 0)
      state.isCertain = true
      stacks.returns[fde, default: []].append(
        StackSwitches.Landing(address: address, state: state, ways: [way]))
      return
    }
    guard var base = LinkedBase(row, judge, at: address, fde: fde, entered) else { return }
    base.ways = [way]
    follow(base, of: place, stacks)
  }
}
