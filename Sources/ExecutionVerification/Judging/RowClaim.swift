internal import CallFrameInfo
package import FiberInspection

/// What the row in force at an instruction says of the caller, in values.
package struct RowClaim {
  /// The caller's registers; the pc is the return address. Those declared undefined, or not to be had, are unknown.
  package var caller: FrameRegisters
  /// The CFA.
  package var cfa: UInt64
  /// Where the return address lies; nil if the row says so otherwise than by an offset.
  package var slot: UInt64?
  /// Callee-saved registers (bit n: index n of `CalleeSaved`) of which the row says nothing, or that they are kept.
  var kept: UInt8 = 0
  /// Those that the row says to be saved somewhere.
  var recovered: UInt8 = 0
  /// Those that it says to be saved where there is no memory.
  var unreadable: UInt8 = 0

  /// What came of a row.
  enum Outcome {
    case claim(RowClaim)
    /// There is no caller.
    case outermost
    /// No row covers the instruction.
    case uncovered
    case failed(String)
  }
}

extension RowClaim {
  /// Carries out a compact row.
  @inline(__always) init?(_ step: borrowing Step, _ frame: FrameRegisters, _ words: inout StepWords) {
    guard let base = frame[step.cfaRegister] else { return nil }
    var cfa = base &+ UInt64(truncatingIfNeeded: step.cfaOffset)
    if step.isLoaded {
      guard let word = words.word(at: cfa) else { return nil }
      cfa = word &+ UInt64(truncatingIfNeeded: step.cfaAddend)
    }
    let slot = cfa &+ UInt64(truncatingIfNeeded: step.returnOffset)
    guard let returnAddress = words.word(at: slot) else { return nil }
    self.cfa = cfa
    self.slot = slot
    caller = frame
    caller.keep(step.kept)
    caller[FrameRegisters.stackPointer] = cfa
    for number in 0..<Int(step.changeCount) {
      let change = step.changes[number]
      let offset = UInt64(truncatingIfNeeded: change.offset)
      switch change.kind {
      case .saved: caller[change.register] = words.word(at: cfa &+ offset)
      case .savedAtRegister: caller[change.register] = frame[change.base].flatMap { words.word(at: $0 &+ offset) }
      case .value: caller[change.register] = cfa &+ offset
      }
    }
    caller[FrameRegisters.programCounter] = returnAddress
    for index in 0..<CalleeSaved.count {
      let number = UInt8(CalleeSaved.number(index))
      guard caller[number] != nil else {
        if step.isRecovered(number) { unreadable |= 1 << UInt8(index) }
        continue
      }
      if step.kept >> UInt32(number) & 1 == 1 { kept |= 1 << UInt8(index) } else { recovered |= 1 << UInt8(index) }
    }
  }

  /// Carries out a row that has to be evaluated.
  @inline(never) static func evaluate(
    _ found: FoundRow, _ frame: FrameRegisters, _ memory: any MemoryReader
  ) -> Outcome {
    var evaluation = RowEvaluation(
      found, registers: frame, memory: memory, operationsLeft: RowUnwinder.operationLimit)
    let caller: FrameRegisters
    switch evaluation.caller() {
    case .caller(let found): caller = found
    case .outermost: return .outermost
    case .failed(let reason): return .failed(reason)
    }
    guard let cfa = evaluation.cfa else { return .failed("the row does not say where the frame begins") }
    var claim = RowClaim(caller: caller, cfa: cfa)
    if case .offset(let offset) = found.row.registers[found.cie.returnAddressRegister] {
      claim.slot = cfa &+ UInt64(bitPattern: offset)
    }
    for index in 0..<CalleeSaved.count {
      let number = UInt16(CalleeSaved.number(index))
      guard caller[UInt8(number)] != nil else {
        if found.row.registers[number] != .undefined { claim.unreadable |= 1 << UInt8(index) }
        continue
      }
      switch found.row.registers[number] {
      case .unspecified, .sameValue: claim.kept |= 1 << UInt8(index)
      default: claim.recovered |= 1 << UInt8(index)
      }
    }
    return .claim(claim)
  }

  private init(caller: FrameRegisters, cfa: UInt64) {
    self.caller = caller
    self.cfa = cfa
  }

  /// rsp in the caller: the CFA, unless a rule says otherwise.
  package var sp: UInt64 { caller[FrameRegisters.stackPointer] ?? cfa }
  /// The return address.
  package var returnAddress: UInt64 { caller.programCounter }
}

extension RowClaim {
  /// What it says of a frame that is not so, nil if the frame fits. Registers that it says are kept are not looked at: see
  /// `lostRegisters`.
  @inline(__always) func contradiction(
    of frame: borrowing ShadowFrame
  ) -> (subject: Mismatch.Subject, claimed: UInt64, actual: UInt64)? {
    // Below a handler lies what a signal interrupted, whose rsp a rule may give in place of the CFA.
    let isCall = frame.kind == .call
    if (isCall ? cfa : sp) != frame.cfa { return (.cfa, isCall ? cfa : sp, frame.cfa) }
    if returnAddress != frame.returnAddress { return (.returnAddress, returnAddress, frame.returnAddress) }
    if isCall, let slot, slot != frame.slot { return (.returnAddressSlot, slot, frame.slot) }
    if unreadable != 0 {
      let number = CalleeSaved.number(unreadable.trailingZeroBitCount)
      return (.failed("register \(number) is said to lie where no memory is"), 0, 0)
    }
    if recovered != 0, let index = wrongRecovered(of: frame) {
      let number = UInt8(CalleeSaved.number(index))
      return (.register(number), caller[number] ?? 0, frame.saved[index])
    }
    return nil
  }

  /// The first register, by index in `CalleeSaved`, that it recovers otherwise than the frame was called with.
  @inline(__always) func wrongRecovered(of frame: borrowing ShadowFrame) -> Int? {
    guard recovered != 0, frame.areRegistersKnown else { return nil }
    for index in 0..<CalleeSaved.count where recovered >> UInt8(index) & 1 == 1 {
      if let value = caller[UInt8(CalleeSaved.number(index))], value != frame.saved[index] { return index }
    }
    return nil
  }

  /// Callee-saved registers that it says are kept and that hold something else, by index.
  @inline(__always) func lostRegisters(of frame: borrowing ShadowFrame) -> UInt8 {
    guard frame.areRegistersKnown else { return 0 }
    var lost: UInt8 = 0
    for index in 0..<CalleeSaved.count where kept >> UInt8(index) & 1 == 1 {
      if let value = caller[UInt8(CalleeSaved.number(index))], value != frame.saved[index] { lost |= 1 << UInt8(index) }
    }
    return lost
  }
}

extension Step {
  /// Whether it says of a register where the caller's value is.
  @inline(never) fileprivate borrowing func isRecovered(_ register: UInt8) -> Bool {
    for number in 0..<Int(changeCount) where changes[number].register == register { return true }
    return false
  }
}
