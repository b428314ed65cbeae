import ExecutionRecordings
import ExecutionVerification
import Foundation
import FrameMutation
import FrameVerification
import TestSupport
import Testing

/// Mutants written to files and truly executed; Docs/mutation-score.md has the rows of all of them, judged by recordings.
struct ExecutedMutantTests {
  /// A file with its mutants. It throws no exceptions, which its mutated rows would lead astray.
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
        [recorded], kinds: MutationKind.all.filter { $0.class == .semantic }, seed: 5, count: 200, perFunction: 1)
      scores = run.scores(jobs: 2)
      unmutated = try Place.found(in: path)
    }

    /// What is found in a mutant that is not in the file as it was.
    func found(in index: Int) throws -> Set<Place> {
      let path = directory.file("mutant\(index)")
      try Data(run.bytes(of: index)).write(to: URL(filePath: path))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
      return try Place.found(in: path).subtracting(unmutated)
    }
  }

  /// What was found at an instruction: nil for no row.
  private struct Place: Hashable {
    var address: UInt64
    var subject: Mismatch.Subject?

    static func found(in path: String) throws -> Set<Place> {
      var options = RunOptions()
      options.mode = .sampled(activations: 3)
      options.modules = [GlobPattern((path as NSString).lastPathComponent)]
      let report = try ProgramRun(program: path, arguments: [], options: options).run()
      #expect(report.ending == .exited(0))
      guard let module = report.modules.firstIndex(where: { $0.path == path }) else { return [] }
      let mismatches = report.mismatches.filter { $0.module == module }
      return Set(mismatches.map { Place(address: $0.address, subject: $0.subject) })
        .union(report.modules[module].unjudged.filter { $0.value == .noRow }.map { Place(address: $0.key, subject: nil) })
    }
  }

  @Test(arguments: ["frames gcc -O2", "structures clang -O2"])
  func `mutants that recordings refute are refuted when they run, and equivalent ones are not`(build: String) throws {
    let sample = try Sample(build)
    #expect(sample.unmutated.allSatisfy { $0.subject == nil }, "\(sample.unmutated)")
    func some(_ wanted: (MutantScore) -> Bool, _ count: Int) -> [Int] {
      let all = sample.scores.indices.filter { wanted(sample.scores[$0]) }
      let step = max(1, all.count / count)
      return stride(from: 0, to: all.count, by: step).map { all[$0] }
    }
    let wrong = some({ $0.isScored && $0.step == .refuted }, 24)
    #expect(wrong.count >= 24)
    for index in wrong {
      #expect(try !sample.found(in: index).isEmpty, "\(sample.scores[index].line)")
    }
    let equivalent = some({ $0.equivalence == .equivalent && $0.step == .unscored }, 6)
    #expect(equivalent.count >= 6)
    for index in equivalent {
      let found = try sample.found(in: index)
      #expect(found.isEmpty, "\(sample.scores[index].line): \(found)")
    }
  }
}
