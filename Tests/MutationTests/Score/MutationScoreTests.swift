import FrameMutation
import FrameVerification
import Testing

/// A slice of what `mutation-score` measures; Docs/mutation-score.md has all of it.
struct MutationScoreTests {
  @Test func `nothing is found in unmutated files`() {
    let findings = ScoredPrograms.files.flatMap { file in
      file.file.unmutatedFindings.map { "\(file.file.path): \($0.rule.id) \($0.explanation)" }
    }
    #expect(findings == [])
  }

  @Test func `lint catches every structural mutant`() {
    let scores = ScoredPrograms.scores.filter { $0.kind.class == .structural }
    #expect(scores.count > 500)
    #expect(scores.filter { $0.outcome != .caught }.map(\.line) == [])
  }

  @Test func `no instruction is proved whose row recovers something else`() {
    #expect(ScoredPrograms.scores.filter { $0.hole != nil }.map(\.line) == [])
  }

  @Test func `of the semantic mutants that recover something else, 97 percent are found`() {
    let scores = ScoredPrograms.scores.filter { $0.kind.class == .semantic && $0.isScored }
    #expect(scores.count > 400)
    let left = scores.filter { !$0.isFound }
    #expect(
      100 * (scores.count - left.count) >= 97 * scores.count, "\(left.count) of \(scores.count): \(left.map(\.line))")
  }

  @Test func `the same seed makes the same mutants, another one others`() {
    func notes(_ seed: UInt64) -> [String] {
      let run = MutationRun(
        Array(ScoredPrograms.files.prefix(1)), kinds: MutationKind.all, seed: seed, count: 100, perFunction: 1)
      return run.scores(jobs: 1).map(\.line)
    }
    let first = notes(7)
    #expect(first.count == 100 && notes(7) == first && notes(8) != first)
  }

  @Test func `there are sixty kinds and more, each with an id of its own, of both classes`() {
    let ids = MutationKind.all.map(\.id)
    #expect(Set(ids).count == ids.count && ids.count >= 60)
    #expect(MutationKind.all.filter { $0.class == .semantic }.count >= 60)
    #expect(ids.allSatisfy { $0.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" } })
  }

  @Test func `an equivalent mutant is one that recovers the same`() throws {
    // The FDE reaches into the padding behind the function: nothing that is executed is described otherwise.
    let kind = try #require(MutationKind.all.first { $0.id == "range-longer" })
    let scores = MutationRun(ScoredPrograms.files, kinds: [kind], seed: 1, count: 20, perFunction: 1).scores(jobs: 1)
    #expect(scores.count == 20 && scores.allSatisfy { $0.equivalence == .equivalent && !$0.isScored })
  }
}

/// The check of executions, asked about the rows of the same mutants at recorded instructions.
struct RunScoreTests {
  @Test func `of the semantic mutants that recover something else, 99.9 percent are refuted by a run`() {
    let scores = ScoredPrograms.scores.filter { $0.kind.class == .semantic && $0.isScored }
    let missed = scores.filter { if case .missed = $0.step { true } else { false } }
    let asked = scores.count { $0.step == .refuted } + missed.count
    #expect(asked > 400)
    #expect(1000 * missed.count <= asked, "\(missed.count) of \(asked): \(missed.map { "\($0.line) \($0.step)" })")
  }

  @Test func `mutants that a run is not asked about only declare registers lost, or nobody was given those back`() {
    let scores = ScoredPrograms.scores.filter { $0.kind.class == .semantic && $0.isScored }
    let silent = scores.filter { $0.step == .silent }
    #expect(silent.allSatisfy { $0.kind.id.contains("undefined") }, "\(silent.map(\.line))")
    #expect(100 * scores.count { $0.step == .undecided } <= scores.count)
  }

  /// gcc says of a frame that it aligned anew that rbp lies where rbp points to, also where `leave` has given rbp back already.
  @Test func `no row of an unmutated file is refuted, but for what gcc says behind leave`() {
    for file in ScoredPrograms.files {
      let refuted = file.refutedByRun().filter { !$0.hasPrefix("realigned") }
      #expect(refuted.isEmpty, "\(file.file.path): \(refuted)")
    }
  }
}
