internal import CallFrameInfo
internal import Instructions

extension FlowCheck {
  /// What becomes of a row behind a load of rsp or rbp that may be a switch of stacks.
  enum Switched {
    /// The row is right for every frame that the word may be of; the state is the frame's now.
    case fits(InstructionVerdict)
    /// It is wrong for every one of them, in this way for one; the state is that one's.
    case contradicts(Judgement)
    /// It is right for some.
    case open
  }

  /// Judges the row behind a load of rsp or rbp by all frames whose address code of the file stores in the field that is loaded.
  ///
  /// - Returns: nil if it is no such load, or nothing is stored there.
  mutating func switchStacks(_ row: RowClaims, from: Int, to: Int, _ state: inout AbstractState) -> Switched? {
    guard let load = flow.instructions[from].stackLoad, case .register(let register, _) = row.cfa,
      Int(register) == load.register, collector == nil, let field = fieldBefore(load, from, state)
    else { return nil }
    let source = publications ?? Publications(table: table, facts: facts, reader: reader)
    publications = source
    var merged: AbstractState?
    var contradiction: (Judgement, AbstractState)?
    for publication in source.stored(in: field) {
      guard var frame = frame(of: publication, in: load.register, row, by: from) else { continue }
      frame.standing = state.standing
      frame.entries = state.entries
      frame.isCertain = state.isCertain
      let judgement = judge.judge(row, &frame, pc: flow.instructions[to].address)
      if judgement.isSatisfied {
        if !publication.isOwnFrame { enterLaidOut(publication, from: from, state) }
        if var known = merged {
          _ = known.meet(&frame)
          merged = known
        } else {
          merged = frame
        }
      } else {
        contradiction = (judgement, frame)
      }
    }
    switch (merged, contradiction) {
    case (nil, nil): return nil
    case (let frame?, nil):
      state = frame
      return .fits(.following(frame.standing))
    case (nil, (let judgement, let frame)?):
      guard !judgement.disagreement.isEmpty else { return .open }
      state = frame
      return .contradicts(judgement)
    case (_?, _?): return .open
    }
  }

  /// The field that a load reads: its address is computed from what registers hold before it, and the load may have changed one.
  private func fieldBefore(
    _ load: (register: Int, address: Instruction.Address), _ from: Int, _ state: AbstractState
  ) -> Int64? {
    guard let base = load.address.base, Int(base.rawValue) != load.register else { return load.address.displacement }
    return state.field(of: load.address)
  }

  /// What is known of a frame once a register holds the word that a publication has stored.
  private func frame(
    of publication: Publication, in register: Int, _ row: RowClaims, by index: Int
  ) -> AbstractState? {
    var frame = AbstractState()
    // What registers hold is of the frame that was left.
    for other in 0..<16 { frame[other] = .computed }
    frame[AbstractState.rsp] = .symbol(of: index)
    if publication.isOwnFrame {
      frame[register] = publication.word
      for index in 0..<publication.state.knownSlots {
        let slot = publication.state.slot(index)
        if slot.address.isFrameAddress { frame.remember(slot.address, slot.value) }
      }
      return frame
    }
    // A stack that nothing has run on: what its first frame's CFA is, the row says; that what the row finds there was put there by the
    // code that lays it out, the words say.
    guard case .register(_, let offset) = row.cfa else { return nil }
    frame[register] = .cfa.adding(-offset)
    for (number, place) in row.savedPlaces(returnAddress: true) {
      let address = publication.word.adding(offset).adding(place)
      guard publication.words.contains(where: { $0.address == address }) else { continue }
      frame.remember(.cfa.adding(place), number == 16 ? .returnAddress : .entry(number))
    }
    return frame
  }

  /// Notes that the first frame of a new stack returns to where a publication says.
  private mutating func enterLaidOut(_ publication: Publication, from index: Int, _ state: AbstractState) {
    guard !isReporting else { return }
    for word in publication.words {
      guard let number = word.value.constant, case let target = UInt64(bitPattern: Int64(number)),
        let other = table.index(at: target), let row = foreign.row(at: target, fde: other), !row.isEntry,
        !row.isOutermost
      else { continue }
      for entry in entries(of: target, fde: other) {
        note(
          PartJump(
            from: flow.instructions[index].address, to: entry, fde: other,
            fit: state.standing == .assumed ? .fits : state.standing == .conditional ? .conditional : .proved,
            entries: state.entries))
      }
    }
  }

  /// Where the check of an FDE that is entered at an address may begin: there, or at the nop before it, which is for unwinders that look
  /// for the row of the byte before.
  private func entries(of target: UInt64, fde index: Int) -> [UInt64] {
    let start = table.fdes[index].addresses.lowerBound
    guard target == start + 1, reader.code(of: start..<target).instructions.first?.isFiller == true else {
      return [target]
    }
    return [target, start]
  }

  /// Follows what unwinders make of a frame whose address is stored for others, with a code address below it: a frame that
  /// has that address for its return address, and its CFA there.
  mutating func followLink(of instruction: Instruction, at index: Int, _ state: inout AbstractState) {
    guard let store = instruction.storesElsewhere, case .register(let register) = store.value,
      register == .rsp || register == .rbp, !state.place(of: store.address).isFrameAddress,
      case let word = state[Int(register.rawValue)], word.isFrameAddress,
      let number = state.loadInPlace(word.adding(-8)).constant,
      case let back = UInt64(bitPattern: Int64(number)), let place = flow.index(at: back), place > 0,
      case let before = Int(flow.blockOf[place - 1]), Int(flow.blocks[before].start) == place - 1
    else { return }
    var copy = state
    for other in 0..<16 where other != Int(register.rawValue) { copy[other] = .computed }
    copy[AbstractState.rsp] = word
    copy.doubt = -1
    arrive(at: before, from: index, .branch, &copy)
  }
}
