internal import CallFrameInfo
internal import ExecutionRecordings
internal import ExecutionVerification
internal import FiberInspection

/// What the check of executions says of a mutant's rows where they are not the original's.
package enum StepOutcome: Sendable, Hashable {
  /// They recover the same wherever they were executed, or were not executed.
  case unscored
  /// They say nothing that is not so, but less: registers are declared lost that are there.
  case silent
  /// They are wrong of registers alone that no call gave back: it was left by longjmp or with the end of the program.
  case undecided
  /// It says of a row that it is wrong, or that there is none.
  case refuted
  /// It says nothing. What differs first.
  case missed(String)
}

/// The visits to a function as the check of executions sees them.
struct StepJudgement {
  /// Bytes of stacks as they were at one visit.
  private struct Memory: MemoryReader {
    let context: VisitContext

    func read(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
      for offset in buffer.indices {
        let (place, overflow) = address.addingReportingOverflow(UInt64(offset))
        guard !overflow, let word = context.recording.word(at: place & ~7, in: context.visit) else { return offset }
        unsafe buffer[offset] = UInt8(truncatingIfNeeded: word >> (place % 8 * 8))
      }
      return buffer.count
    }
  }

  /// Whether the row is refuted at one visit to the instruction.
  ///
  /// - Parameters:
  ///   - found: nil where no row covers the instruction, which is said as well.
  ///   - isCaller: the row is used for the frame while what the instruction calls runs.
  static func isRefuted(_ found: FoundRow?, at context: VisitContext, isCaller: Bool) -> Bool {
    guard let found else { return true }
    let activation = context.recording.activations[context.visit.activation]
    let judge = RowJudge(
      cfa: activation.cfa, returnAddress: activation.returnAddress, entry: state(activation.entry, pc: 0),
      givenBack: activation.givenBack, hasReturned: activation.preserved != nil)
    let state = state(context.visit.registers, pc: context.visit.pc &+ context.recording.bias)
    let memory = Memory(context: context)
    return isCaller
      ? !judge.judgeCaller(found, state, memory: memory).isEmpty : !judge.judge(found, state, memory: memory).isEmpty
  }

  private static func state(_ registers: InlineArray<16, UInt64>, pc: UInt64) -> MachineState {
    var state = MachineState(InlineArray(repeating: 0))
    for number in 0..<16 { state[number] = registers[number] }
    state[16] = pc
    return state
  }
}
