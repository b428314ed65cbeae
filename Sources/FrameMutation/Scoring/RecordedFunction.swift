internal import CallFrameInfo
internal import ExecutionRecordings
internal import Instructions

/// The visits to one function's instructions, by address.
struct FunctionVisits {
  /// More visits to one instruction are not looked at: loops repeat what they show.
  private static let mostOfInstruction = 64

  let recording: Recording
  private var visits: [UInt64: [Int]] = [:]

  /// - Parameter addresses: the function's.
  init(_ recording: Recording, in addresses: Range<UInt64>) {
    self.recording = recording
    for (index, visit) in recording.visits.enumerated() where addresses.contains(visit.pc) {
      if visits[visit.pc, default: []].count < Self.mostOfInstruction { visits[visit.pc, default: []].append(index) }
    }
  }

  var isEmpty: Bool { visits.isEmpty }

  func hasVisited(_ address: UInt64) -> Bool { visits[address] != nil }

  /// The registers and the stack at each visit to an instruction.
  func contexts(at address: UInt64) -> some Sequence<VisitContext> {
    (visits[address] ?? []).lazy.map { VisitContext(recording: recording, visit: recording.visits[$0]) }
  }
}

/// What rows read, as it was at one visit.
struct VisitContext: EvaluationContext {
  let recording: Recording
  let visit: Visit

  func register(_ number: UInt16) -> UInt64? {
    if number < 16 { return visit.registers[Int(number)] }
    return number == 16 ? visit.pc &+ recording.bias : nil
  }

  func memory(at address: UInt64, size: Int) -> UInt64? {
    guard let word = recording.word(at: address, in: visit) else { return nil }
    return size >= 8 ? word : word & (1 << (8 * UInt64(size)) - 1)
  }

  var cfa: UInt64? { nil }

  /// Registers that the call preserved; of others, nobody needs the value.
  var recoverable: UInt16 { recording.activations[visit.activation].recoverable }
}
