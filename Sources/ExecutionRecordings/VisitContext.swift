internal import CallFrameInfo

/// What rows read, as it was at one visit.
package struct VisitContext: EvaluationContext {
  package let recording: Recording
  package let visit: Visit

  package init(recording: Recording, visit: Visit) {
    self.recording = recording
    self.visit = visit
  }

  package func register(_ number: UInt16) -> UInt64? {
    if number < 16 { return visit.registers[Int(number)] }
    return number == 16 ? visit.pc &+ recording.bias : nil
  }

  package func memory(at address: UInt64, size: Int) -> UInt64? {
    guard let word = recording.word(at: address, in: visit) else { return nil }
    return size >= 8 ? word : word & (1 << (8 * UInt64(size)) - 1)
  }

  package var cfa: UInt64? { nil }

  /// Registers that the call preserved; of others, nobody needs the value.
  package var recoverable: UInt16 { recording.activations[visit.activation].recoverable }

  /// Those that were as at the call's entry when it was over.
  package var givenBack: UInt16 { recording.activations[visit.activation].givenBack }
}
