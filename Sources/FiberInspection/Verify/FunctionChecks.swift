internal import CallFrameInfo
internal import Dispatch
internal import FrameVerification
internal import Synchronization

/// Checks the code under many FDEs, on several threads.
struct FunctionChecks {
  /// FDEs that a worker takes at a time: their code takes it about a millisecond.
  private static let batch = 64

  let table: CallFrameTable
  let facts: CodeFacts
  let elf: ELFFile
  let sections: [CodeSection]
  let labels: ArraySlice<UInt64>
  /// Which instructions have which verdict is wanted.
  let listsAddresses: Bool

  /// What is known of each of `fdes`, in their order, whatever the number of workers.
  func run(_ fdes: [Int], workers: Int, progress: (@Sendable (Int, Int) -> Void)?) -> [FunctionVerdicts] {
    let batches = (fdes.count + Self.batch - 1) / Self.batch
    let state = Mutex(State(results: Array(repeating: [], count: batches)))
    let labels = Array(labels)
    DispatchQueue.concurrentPerform(iterations: max(1, min(workers, batches))) { _ in
      let reader = CodeReader(elf, sections: sections, labels: labels)
      guard var check = FlowCheck(table: table, facts: facts, reader: reader) else { return }
      check.listsAddresses = listsAddresses
      while let index = state.withLock({ $0.take(of: batches) }) {
        let part = fdes[index * Self.batch..<min(fdes.count, (index + 1) * Self.batch)]
        let verdicts = part.map { check.check($0) }
        state.withLock {
          $0.results[index] = verdicts
          $0.done += part.count
          progress?($0.done, fdes.count)
        }
      }
    }
    return state.withLock { Array($0.results.joined()) }
  }

  /// See `FlowCheck.followSwitches`.
  func followSwitches(_ verdicts: inout [FunctionVerdicts]) {
    guard verdicts.contains(where: { !$0.stackLoads.isEmpty }) else { return }
    let reader = CodeReader(elf, sections: sections, labels: Array(labels))
    var check = FlowCheck(table: table, facts: facts, reader: reader)
    check?.followSwitches(&verdicts)
  }

  /// See `FlowCheck.refuteReturnedStarts`.
  func refuteReturnedStarts(_ verdicts: inout [FunctionVerdicts]) {
    let reader = CodeReader(elf, sections: sections, labels: Array(labels))
    var check = FlowCheck(table: table, facts: facts, reader: reader)
    check?.refuteReturnedStarts(&verdicts)
  }

  private struct State {
    var results: [[FunctionVerdicts]]
    var next = 0
    var done = 0

    mutating func take(of count: Int) -> Int? {
      guard next < count else { return nil }
      defer { next += 1 }
      return next
    }
  }
}
