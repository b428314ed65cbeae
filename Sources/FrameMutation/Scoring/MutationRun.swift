internal import Dispatch
package import ExecutionRecordings
internal import FrameVerification
internal import Synchronization

/// A file to mutate, and executions of it.
package struct RecordedFile: Sendable {
  package let file: MutatedFile
  /// The functions that were executed.
  package let functions: [ScoredFunction]

  /// - Parameter recording: made by running the file.
  package init(_ file: MutatedFile, _ recording: Recording) {
    self.file = file
    functions = file.image.frames.fdes.indices.compactMap { index in
      let fde = file.image.frames.fdes[index]
      guard file.tableIndices[index] != nil, fde.size > 0 else { return nil }
      let visits = FunctionVisits(recording, in: fde.start..<fde.end)
      if visits.isEmpty { return nil }
      let code = file.code(of: index).instructions
      return ScoredFunction(
        site: MutationSite(frames: file.image.frames, fde: index, instructions: code),
        name: file.name(at: fde.start),
        comparison: RowComparison(visits, code: code, original: file.table))
    }
  }

  /// Functions of which the check of executions refutes a row of the unmutated file.
  package func refutedByRun() -> [String] {
    functions.filter { !$0.comparison.refuted(in: file.table).isEmpty }.map(\.name)
  }
}

/// Chooses mutants of files, and verifies them.
package struct MutationRun: Sendable {
  /// One mutation of one function.
  private struct Candidate: Sendable {
    var file: Int
    var function: Int
    var kind: Int
    /// Which of the kind's mutations of the function.
    var variant: Int
  }

  private let files: [RecordedFile]
  private let kinds: [MutationKind]
  private let candidates: [Candidate]

  /// - Parameters:
  ///   - seed: the same one chooses the same mutants of the same files.
  ///   - count: how many mutants at most, as many of each kind as there are or can be.
  ///   - perFunction: how many of each kind of one function at most.
  package init(_ files: [RecordedFile], kinds: [MutationKind], seed: UInt64, count: Int, perFunction: Int) {
    self.files = files
    self.kinds = kinds
    var random = SeededGenerator(state: seed)
    var byKind = [[Candidate]](repeating: [], count: kinds.count)
    for (kindIndex, kind) in kinds.enumerated() {
      for (fileIndex, file) in files.enumerated() {
        for (functionIndex, function) in file.functions.enumerated() {
          let variants = (0..<kind.mutations(of: function.site).count).shuffled(using: &random).prefix(perFunction)
          byKind[kindIndex] += variants.map {
            Candidate(file: fileIndex, function: functionIndex, kind: kindIndex, variant: $0)
          }
        }
      }
      byKind[kindIndex].shuffle(using: &random)
    }
    candidates = Self.balanced(byKind, count: count).sorted {
      ($0.file, $0.function, $0.kind, $0.variant) < ($1.file, $1.function, $1.kind, $1.variant)
    }
  }

  /// How many mutants there are.
  package var count: Int { candidates.count }

  /// The bytes of a mutant's file, by its place in `scores`.
  package func bytes(of index: Int) -> [UInt8] {
    let candidate = candidates[index]
    return files[candidate.file].file.mutant(mutation(candidate)).bytes
  }

  private func mutation(_ candidate: Candidate) -> Mutation {
    let function = files[candidate.file].functions[candidate.function]
    return kinds[candidate.kind].mutations(of: function.site)[candidate.variant]
  }

  /// One of each kind in turn, until there are `count` or no more.
  private static func balanced(_ byKind: [[Candidate]], count: Int) -> [Candidate] {
    var chosen: [Candidate] = []
    var round = 0
    while chosen.count < count {
      let before = chosen.count
      for candidates in byKind where round < candidates.count && chosen.count < count {
        chosen.append(candidates[round])
      }
      if chosen.count == before { break }
      round += 1
    }
    return chosen
  }

  /// Verifies all, in the order of files and functions.
  ///
  /// - Parameter jobs: threads.
  package func scores(jobs: Int) -> [MutantScore] {
    let state = Mutex<(next: Int, scores: [MutantScore?])>((0, Array(repeating: nil, count: candidates.count)))
    DispatchQueue.concurrentPerform(iterations: max(1, jobs)) { _ in
      while true {
        let place: Int? = state.withLock { state in
          guard state.next < candidates.count else { return nil }
          state.next += 1
          return state.next - 1
        }
        guard let place else { return }
        let candidate = candidates[place]
        let file = files[candidate.file]
        let function = file.functions[candidate.function]
        let score = file.file.score(mutation(candidate), of: kinds[candidate.kind], in: function)
        state.withLock { $0.scores[place] = score }
      }
    }
    return state.withLock { $0.scores.compactMap(\.self) }
  }
}

/// Reproducible random numbers (Steele, Lea, Flood: SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}
