package import FiberInspection

/// Holds single rows against one call that is over: as `ProcessTruth` does while a program is stepped.
package struct RowJudge {
  /// What is true of the call: where it lies, and what its caller had in the callee-saved registers.
  private let frame: ShadowFrame
  /// Callee-saved registers that it gave back as they were, by index; nil if it was not seen to return.
  private let givenBack: UInt8?

  /// - Parameters:
  ///   - cfa: rsp before the call.
  ///   - entry: registers at its first instruction, by DWARF number.
  ///   - preserved: registers that it returned as they were, bit n for DWARF number n; nil if it was not seen to return.
  package init(cfa: UInt64, returnAddress: UInt64, entry: MachineState, preserved: UInt16?) {
    frame = ShadowFrame(cfa: cfa, returnAddress: returnAddress, saved: CalleeSaved.values(entry))
    givenBack = preserved.map { preserved in
      (0..<CalleeSaved.count).reduce(0) { $0 | UInt8(preserved >> UInt16(CalleeSaved.number($1)) & 1) << UInt8($1) }
    }
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
    case .outermost: return givenBack == nil ? [] : [.outermost]
    case .uncovered: return []
    case .failed(let reason): return [.failed(reason)]
    }
    if let contradiction = claim.contradiction(of: frame) { return [contradiction.subject] }
    guard let givenBack else { return [] }
    let lost = claim.lostRegisters(of: frame)
    return (0..<CalleeSaved.count).compactMap { index in
      guard lost >> UInt8(index) & 1 == 1,
        CalleeSaved.isOwed(index, isGivenBack: givenBack >> UInt8(index) & 1 == 1)
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
