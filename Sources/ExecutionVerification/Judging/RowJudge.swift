package import FiberInspection

/// Holds single rows against one call that is over: as `ProcessTruth` does while a program is stepped.
package struct RowJudge {
  /// What is true of the call: where it lies, and what its caller had in the callee-saved registers.
  private let frame: ShadowFrame
  /// Callee-saved registers that were as at its entry when it was over, by index.
  private let givenBack: UInt8
  private let hasReturned: Bool

  /// - Parameters:
  ///   - cfa: rsp before the call.
  ///   - entry: registers at its first instruction, by DWARF number.
  ///   - givenBack: registers that were as then when it was over, bit n for DWARF number n.
  ///   - hasReturned: it was not left by an exception or longjmp, nor with the end of the program.
  package init(
    cfa: UInt64, returnAddress: UInt64, entry: MachineState, givenBack registers: UInt16, hasReturned: Bool
  ) {
    frame = ShadowFrame(cfa: cfa, returnAddress: returnAddress, saved: CalleeSaved.values(entry))
    givenBack = (0..<CalleeSaved.count).reduce(0) {
      $0 | UInt8(registers >> UInt16(CalleeSaved.number($1)) & 1) << UInt8($1)
    }
    self.hasReturned = hasReturned
  }

  /// What a row says that is not so.
  ///
  /// - Parameters:
  ///   - state: the registers before the instruction.
  ///   - memory: as it was then.
  package func judge(_ found: FoundRow, _ state: MachineState, memory: any MemoryReader) -> [Mismatch.Subject] {
    let claim: RowClaim
    switch Self.claim(found, FrameRegisters(state), memory) {
    case .claim(let made): claim = made
    case .outermost: return hasReturned ? [.outermost] : []
    case .uncovered: return []
    case .failed(let reason): return [.failed(reason)]
    }
    if let contradiction = claim.contradiction(of: frame) { return [contradiction.subject] }
    // Whole stacks are walked at each instruction that is met for the first time.
    if claim.sp != frame.cfa { return [.walk(frame: 0)] }
    let lost = claim.lostRegisters(of: frame)
    return (0..<CalleeSaved.count).compactMap { index in
      let isGivenBack = givenBack >> UInt8(index) & 1 == 1
      guard lost >> UInt8(index) & 1 == 1,
        hasReturned ? CalleeSaved.isOwed(index, isGivenBack: isGivenBack) : isGivenBack
      else { return nil }
      return .register(UInt8(CalleeSaved.number(index)))
    }
  }

  /// What a row says that is used for this frame while a function runs that it called.
  ///
  /// - Parameter state: the registers before the call. What it need not preserve is lost.
  package func judgeCaller(_ found: FoundRow, _ state: MachineState, memory: any MemoryReader) -> [Mismatch.Subject] {
    var registers = FrameRegisters(state)
    registers.keep(FrameRegisters.calleeSaved | FrameRegisters.walked)
    guard case .claim(let claim) = Self.claim(found, registers, memory), claim.returnAddress == frame.returnAddress,
      claim.sp == frame.cfa
    else { return [.walk(frame: 1)] }
    return []
  }

  private static func claim(
    _ found: FoundRow, _ registers: FrameRegisters, _ memory: any MemoryReader
  ) -> RowClaim.Outcome {
    let step = CodeMap.step(found)
    switch step.kind {
    case .compact:
      var words = StepWords(memory)
      return RowClaim(step, registers, &words).map { .claim($0) } ?? .failed("the row reads memory that is not there")
    case .outermost: return .outermost
    default: return RowClaim.evaluate(found, registers, memory)
    }
  }
}
