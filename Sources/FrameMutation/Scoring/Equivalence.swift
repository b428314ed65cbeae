internal import CallFrameInfo
internal import ExecutionRecordings
internal import Instructions

/// How a mutant's rows compare with the original's on recorded executions. No checker is asked.
package enum Equivalence: Sendable, Hashable {
  /// Equal values at every instruction where the rows differ, each of which was executed; or no row differs.
  case equivalent
  /// Rows differ at instructions that were never executed, and at no other in values.
  case notExecuted
  /// Other values at these instructions, ascending; what differs first.
  case different(at: [UInt64], first: String)
}

/// Compares rows of the original with those of mutants, over one function.
struct RowComparison {
  /// An address whose row is used while the instruction at `visited` is about to be executed.
  private struct Lookup {
    var visited: UInt64
    var address: UInt64
  }

  private let visits: FunctionVisits
  private let code: [Instruction]
  /// By place in `code`: the original's row before the instruction and, for a call, in frames above its callee's.
  private let original: [[(lookup: Lookup, meaning: RowMeaning?)]]

  init(_ visits: FunctionVisits, code: [Instruction], original table: CallFrameTable) {
    self.visits = visits
    self.code = code
    var rows = RowsByAddress(table)
    original = code.map { instruction in
      Self.lookups(of: instruction, rows).map { ($0, rows.meaning(at: $0.address)) }
    }
  }

  /// Unwinders look up the instruction itself in the innermost frame; in those above, the address before the one that a call
  /// returns to, or that one in a signal frame.
  private static func lookups(of instruction: Instruction, _ rows: RowsByAddress) -> [Lookup] {
    let here = Lookup(visited: instruction.address, address: instruction.address)
    switch instruction.flow {
    case .call, .indirectCall:
      let isSignal = rows.isSignalFrame(at: instruction.end - 1)
      return [here, Lookup(visited: instruction.address, address: isSignal ? instruction.end : instruction.end - 1)]
    default: return [here]
    }
  }

  /// How the rows of `table` compare with the original's, and what the check of executions says of those that differ.
  func compare(_ table: CallFrameTable) -> (equivalence: Equivalence, step: StepOutcome) {
    var rows = RowsByAddress(table)
    var addresses: [UInt64] = []
    var first: Difference?
    var wrong: Difference?
    var isSilent = true
    var isUnexecuted = false
    var isRefuted = false
    for (place, instruction) in code.enumerated() {
      let lookups = Self.lookups(of: instruction, rows)
      for ((lookup, expected), actual) in zip(original[place], lookups) {
        let meaning = rows.meaning(at: actual.address)
        if meaning == expected { continue }
        guard visits.hasVisited(lookup.visited) else {
          isUnexecuted = true
          continue
        }
        if !isRefuted {
          let found = rows.row(at: actual.address)
          let isCaller = actual.address != actual.visited
          isRefuted = visits.contexts(at: lookup.visited).contains {
            StepJudgement.isRefuted(found, at: $0, isCaller: isCaller)
          }
        }
        guard let difference = Difference(expected, meaning, visits, at: lookup.visited, { $0.recoverable }) else {
          continue
        }
        if addresses.last != lookup.visited { addresses.append(lookup.visited) }
        first = first ?? difference
        let lost = meaning?.lostRegisters ?? 0
        if isSilent {
          isSilent = Difference(expected, meaning, visits, at: lookup.visited) { $0.recoverable & ~lost } == nil
        }
        wrong = wrong ?? Difference(expected, meaning, visits, at: lookup.visited) { $0.givenBack & ~lost }
      }
    }
    guard let first else {
      // What recovers the same may be found wrong no more than the original.
      return (isUnexecuted ? .notExecuted : .equivalent, isRefuted ? .refuted : .unscored)
    }
    let equivalence = Equivalence.different(at: addresses, first: first.text)
    if isRefuted { return (equivalence, .refuted) }
    if let wrong { return (equivalence, .missed(wrong.text)) }
    return (equivalence, isSilent ? .silent : .undecided)
  }
}

extension RowComparison {
  /// Executed instructions where the check of executions refutes a row of `table`.
  func refuted(in table: CallFrameTable) -> [UInt64] {
    var rows = RowsByAddress(table)
    return code.filter { instruction in
      Self.lookups(of: instruction, rows).contains { lookup in
        guard let found = rows.row(at: lookup.address) else { return false }
        return visits.contexts(at: lookup.visited).contains {
          StepJudgement.isRefuted(found, at: $0, isCaller: lookup.address != lookup.visited)
        }
      }
    }.map(\.address)
  }
}

/// Where two rows recover different values, as executions go.
private struct Difference {
  let text: String

  /// - Parameter registers: those that matter at a visit, besides rsp.
  init?(
    _ expected: RowMeaning?, _ actual: RowMeaning?, _ visits: FunctionVisits, at address: UInt64,
    _ registers: (VisitContext) -> UInt16
  ) {
    for context in visits.contexts(at: address) {
      let right = expected?.frame(context) ?? RecoveredFrame()
      let mutated = actual?.frame(context) ?? RecoveredFrame()
      if let difference = mutated.difference(from: right, recoverable: registers(context)) {
        text = "0x\(String(address, radix: 16)): \(difference)"
        return
      }
    }
    return nil
  }
}
