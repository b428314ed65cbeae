internal import CallFrameInfo
internal import Dispatch
internal import FrameVerification
internal import Instructions
internal import Synchronization

/// Holds the rows that the code of each function calls for beside those of the file.
package struct SynthesisSurvey: Sendable {
  /// What came of a function.
  package enum Outcome: String, Sendable, CaseIterable {
    /// At each instruction that control gets to, the file's row and the synthesized one recover the same values.
    case agrees
    /// The file's rows are wrong somewhere.
    case differs
    /// Something of a row of the file is not known to be right.
    case undecided
    /// Instructions that no way leads to that can be followed.
    case unreached = "not-reached"
    /// No row could be made somewhere, since nothing leads to the CFA or the return address for certain.
    case underived = "not-derived"
    /// No call enters it, by the file's first row: the program's start, the linkage table, what a signal handler returns to.
    case uncalled = "not-called"
    /// More than 1 MiB of code.
    case tooLarge = "too-large"
  }

  /// One function of the survey.
  package struct Function: Sendable {
    /// Where it is entered.
    package var head: UInt64
    package var outcome: Outcome
    /// Instructions, of all its parts.
    package var instructions: Int
    /// The first one that decides the outcome, nil where it agrees.
    package var place: UInt64?
    /// Of other FDEs, where parts of it are.
    var parts: [UInt64]
    /// Functions that it calls.
    var callees: Set<UInt64>
  }

  /// FDEs that a worker takes at a time.
  private static let batch = 32

  private let table: CallFrameTable
  private let elf: ELFFile
  private let sections: [CodeSection]
  private let facts: CodeFacts
  /// What could not be read.
  package let problems: [String]

  package init(_ file: ListedFile) {
    table = file.table
    elf = file.elf
    sections = file.sections
    var problems: [String] = []
    facts = file.codeFacts(problems: &problems)
    self.problems = problems
  }

  /// The functions that have an FDE, by address. Parts that others have elsewhere are looked at with these.
  package func functions(workers: Int) -> [Function] {
    let all = survey(workers: workers)
    let called = Set(all.lazy.flatMap(\.callees))
    let parts = partStarts(all, called)
    return all.filter { !parts.contains($0.head) }
  }

  private func survey(workers: Int) -> [Function] {
    let fdes = table.fdes.indices.filter { !table.ownAddresses(of: $0).isEmpty }
    let labels = Array(facts.labels(in: 0..<UInt64.max))
    let batches = (fdes.count + Self.batch - 1) / Self.batch
    let state = Mutex((next: 0, results: [[Function]](repeating: [], count: batches)))
    DispatchQueue.concurrentPerform(iterations: max(1, min(workers, batches))) { _ in
      let reader = CodeReader(elf, sections: sections, labels: labels)
      var flow = CodeFlow(table: table, facts: facts, reader: reader) { _ in nil }
      while true {
        let index = state.withLock { state in
          defer { state.next += 1 }
          return state.next
        }
        guard index < batches else { return }
        let part = fdes[index * Self.batch..<min(fdes.count, (index + 1) * Self.batch)]
        let found = part.map { function(table.ownAddresses(of: $0), &flow) }
        state.withLock { $0.results[index] = found }
      }
    }
    return state.withLock { Array($0.results.joined()) }
  }

  private func function(_ addresses: Range<UInt64>, _ flow: inout CodeFlow) -> Function {
    // An FDE may begin before its function.
    let label = facts.labels(in: addresses).first
    let head = label == addresses.lowerBound + 1 ? addresses.lowerBound + 1 : addresses.lowerBound
    var result = Function(
      head: addresses.lowerBound, outcome: .agrees, instructions: 0, place: nil, parts: [], callees: [])
    guard let made = flow.synthesize(head, in: [addresses]) else {
      result.outcome = .tooLarge
      return result
    }
    for part in made.parts where !part.isOtherFunction {
      if !part.addresses.contains(made.head) { result.parts.append(part.addresses.lowerBound) }
      for line in part.lines {
        result.instructions += 1
        if case .call(.some(let target)) = line.instruction.flow { result.callees.insert(target) }
        guard result.outcome == .agrees, let outcome = Self.outcome(of: line) else { continue }
        result.outcome = outcome == .differs && line.instruction.address == made.head ? .uncalled : outcome
        result.place = line.instruction.address
      }
    }
    return result
  }

  /// What speaks against agreement.
  private static func outcome(of line: SynthesizedFunction.Line) -> Outcome? {
    if let gap = line.gap { return gap == .unreached ? .unreached : .underived }
    switch line.comparison {
    case .agrees, .none: return nil
    case .differs: return .differs
    case .undecided: return .undecided
    case .outermost: return .uncalled
    }
  }

  /// Starts of FDEs that are parts of functions under other FDEs.
  private func partStarts(_ all: [Function], _ called: Set<UInt64>) -> Set<UInt64> {
    func isFunction(_ start: UInt64) -> Bool { facts.isWholeFunction(start) || called.contains(start) }
    var sizes: [UInt64: Int] = [:]
    for function in all { sizes[function.head] = function.instructions }
    var claims: [UInt64: Set<UInt64>] = [:]
    for function in all { claims[function.head] = Set(function.parts) }
    var parts: Set<UInt64> = []
    for function in all {
      for part in function.parts where !isFunction(part) {
        // Each jumps into the other: the one that is known for a function, else the larger one, is entered.
        let isMutual = claims[part]?.contains(function.head) == true
        if isMutual, !isFunction(function.head), !isLikelier(function.head, than: part, sizes) { continue }
        parts.insert(part)
      }
    }
    for function in all where facts.isFunction(function.head) && !facts.isWholeFunction(function.head) {
      parts.insert(function.head)
    }
    return parts
  }

  private func isLikelier(_ first: UInt64, than second: UInt64, _ sizes: [UInt64: Int]) -> Bool {
    (sizes[first, default: 0], first) > (sizes[second, default: 0], second)
  }
}
