import ExecutionRecordings
import ExecutionVerification
import Foundation
import FrameMutation
import FrameVerification
import TestSupport
import Testing

/// Mutants written to files and truly executed; Docs/mutation-score.md has the rows of all of them, judged by recordings.
struct ExecutedMutantTests {
  /// A file with its mutants, without those whose FDEs begin elsewhere: sampling would set breakpoints inside instructions. It throws no exceptions, which its mutated rows would lead astray.
  private struct Sample {
    let run: MutationRun
    let scores: [MutantScore]
    let unmutated: Set<Place>
    let directory: TemporaryDirectory

    init(_ name: String) throws {
      directory = try TemporaryDirectory()
      let build = try #require(SampleProgram.builds.first { $0.name == name })
      let path = directory.file("program")
      let built = try TestSupport.run("/usr/bin/env", build.command + ["-o", path])
      try #require(built.succeeded, "\(built.report)")
      let file = try MutatedFile([UInt8](try Data(contentsOf: URL(filePath: path))), path: path)
      let recorded = RecordedFile(file, try Recording(running: path, activationsPerFunction: 3))
      run = MutationRun(
        [recorded], kinds: MutationKind.all.filter { $0.class == .semantic && !$0.id.hasPrefix("start-") }, seed: 5,
        count: 200, perFunction: 1)
      scores = run.scores(jobs: 2)
      unmutated = try Place.found(in: path)
    }

    /// What is found in a mutant that is not in the file as it was.
    func found(in index: Int, _ mode: RunOptions.Mode = .sampled(activations: 3)) throws -> Set<Place> {
      let bytes = directory.file("bytes\(index)")
      let path = directory.file("mutant\(index)")
      try Data(run.bytes(of: index)).write(to: URL(filePath: bytes))
      // What this process has open for writing another test's child may hold, and Linux executes no such file.
      try TestSupport.run("/usr/bin/env", ["install", "-m", "755", bytes, path])
      return try Place.found(in: path, mode).subtracting(unmutated)
    }
  }

  /// What was found at an instruction: nil for no row.
  private struct Place: Hashable {
    var address: UInt64
    var subject: Mismatch.Subject?

    static func found(in path: String, _ mode: RunOptions.Mode = .sampled(activations: 3)) throws -> Set<Place> {
      var options = RunOptions()
      options.mode = mode
      options.modules = [GlobPattern((path as NSString).lastPathComponent)]
      let report = try ProgramRun(program: path, arguments: [], options: options).run()
      #expect(report.ending == .exited(0))
      guard let module = report.modules.firstIndex(where: { $0.path == path }) else { return [] }
      let mismatches = report.mismatches.filter { $0.module == module }
      return Set(mismatches.map { Place(address: $0.address, subject: $0.subject) })
        .union(
          report.modules[module].unjudged.filter { $0.value == .noRow }.map { Place(address: $0.key, subject: nil) })
    }
  }

  @Test(arguments: ["frames gcc -O2", "structures clang -O2"])
  func `mutants that recordings refute are refuted when they run, and equivalent ones are not`(build: String) throws {
    let sample = try Sample(build)
    func some(_ wanted: (MutantScore) -> Bool, _ count: Int) -> [Int] {
      let all = sample.scores.indices.filter { wanted(sample.scores[$0]) }
      let step = max(1, all.count / count)
      return stride(from: 0, to: all.count, by: step).map { all[$0] }
    }
    let wrong = some({ $0.isScored && $0.step == .refuted }, 24)
    #expect(wrong.count >= 24)
    for index in wrong {
      // What is only reached by jumps has no activation of its own to be sampled.
      let isFound = try !sample.found(in: index).isEmpty || !sample.found(in: index, .all).isEmpty
      #expect(isFound, "\(sample.scores[index].line)")
    }
    let equivalent = some({ $0.equivalence == .equivalent && $0.step == .unscored }, 6)
    #expect(equivalent.count >= 6)
    for index in equivalent {
      let found = try sample.found(in: index)
      #expect(found.isEmpty, "\(sample.scores[index].line): \(found)")
    }
  }
}
