import ExecutionRecordings
import Foundation
import FrameMutation
import FrameVerification
import TestSupport

/// Sample programs, some of their builds, recorded and mutated once for all tests.
enum ScoredPrograms {
  /// One build of each compiler and level that differ most in their rows; `mutation-score` does all.
  private static let builds = [
    "frames gcc -O2", "frames clang -O2 -fomit-frame-pointer", "frames gcc -O0", "exceptions g++ -Os",
    "kinds swiftc -O",
  ]

  static let files: [RecordedFile] = {
    do {
      return try SampleBuild.all(of: sources).filter { builds.contains($0.name) }.map(recorded)
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  static let run = MutationRun(files, kinds: MutationKind.all, seed: 1, count: 1500, perFunction: 2)
  static let scores = run.scores(jobs: ProcessInfo.processInfo.activeProcessorCount)

  private static var sources: [String] {
    ["exceptions.cpp", "frames.c", "kinds.swift"].map { "\(Package.root)/Tests/MutationTests/Programs/\($0)" }
  }

  private static func recorded(_ build: SampleBuild) throws -> RecordedFile {
    let directory = try TemporaryDirectory()
    let path = directory.file("program")
    let result = try TestSupport.run("/usr/bin/env", build.command + ["-o", path])
    guard result.succeeded else { throw BuildFailure(output: result.report) }
    let recording = try Recording(
      running: path, activationsPerFunction: 3, notPreserved: build.isSwift ? Activation.swiftErrors : 0)
    return RecordedFile(
      try MutatedFile([UInt8](try Data(contentsOf: URL(filePath: path))), path: build.name), recording)
  }
}

extension MutantScore {
  /// One line for a failing expectation.
  var line: String { "\(outcome) \(kind.id) of \(function) in \(path): \(note)" }
}
