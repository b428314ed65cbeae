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
