internal import ArgumentParser
internal import ExecutionRecordings
internal import Foundation
internal import FrameMutation
internal import FrameVerification
internal import TestSupport

/// Measures how much of what can be wrong in call frame information verification finds.
@main
struct MutationScore: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mutation-score",
    abstract: "Builds programs, records executions, makes their call frame information wrong and verifies it.",
    discussion: "Prints Docs/mutation-score.md: a table by kind of mutation and the mutants that were not found.")

  @Argument(help: "Sources of programs that run without arguments: .c, .cpp, .swift.")
  var sources: [String]

  @Option(help: "Chooses other mutants.")
  var seed: UInt64 = 1

  @Option(help: "How many mutants at most.")
  var count = 20_000

  @Option(help: "How many mutants of each kind and function at most.")
  var perFunction = 3

  @Option(help: "Ids of the kinds to apply, separated by commas; all by default.")
  var kinds: String?

  @Option(help: "Threads.")
  var jobs = 2

  @Option(help: "Calls of each function to record.")
  var activations = 4

  @Option(help: "Words that the names of the builds to use contain, each of them: 'gcc -O2'.")
  var builds: String?

  @Option(help: "A folder to write mutants that were not found to, as ELF files.")
  var keep: String?

  @Option(help: "A program fibertrace that has to say the same of a sample of mutants.")
  var compareWith: String?

  @Option(help: "How many mutants to compare besides those that were not found.")
  var compareCount = 200

  func run() throws {
    let directory = try TemporaryDirectory()
    let wanted = kinds.map { Set($0.split(separator: ",").map(String.init)) }
    let chosen = MutationKind.all.filter { wanted?.contains($0.id) ?? true }
    let words = builds?.split(separator: " ").map(String.init) ?? []
    var files: [RecordedFile] = []
    var builds: [String: String] = [:]
    for (index, build) in SampleBuild.all(of: sources).enumerated() where words.allSatisfy(build.name.contains) {
      let path = directory.file("program\(index)")
      let result = try TestSupport.run("/usr/bin/env", build.command + ["-o", path])
      guard result.succeeded else { throw ValidationError("\(build.name): \(result.report)") }
      let file = try MutatedFile([UInt8](try Data(contentsOf: URL(filePath: path))), path: path)
      let recording = try Recording(
        running: path, activationsPerFunction: activations, notPreserved: build.isSwift ? Activation.swiftErrors : 0)
      files.append(RecordedFile(file, recording))
      builds[path] = build.name
      for finding in file.unmutatedFindings {
        warn("unmutated \(build.name): \(finding.rule.id) \(finding.explanation)")
      }
    }
    let run = MutationRun(files, kinds: chosen, seed: seed, count: count, perFunction: perFunction)
    let scores = run.scores(jobs: jobs)
    if let keep { try write(scores, run, to: keep) }
    print(
      ScoreDocument.opening(
        seed: seed, count: count, perFunction: perFunction, activations: activations, builds: builds.values.sorted(),
        kinds: chosen.count))
    let report = ScoreReport(
      scores, builds: builds, refutedUnmutated: files.reduce(0) { $0 + $1.file.unmutatedFindings.count })
    print(report.markdown)
    if let compareWith { try compare(scores, run, with: compareWith, in: directory) }
    print("\n" + report.survivorsOfRun.joined(separator: "\n"))
    print("\n" + report.survivors.joined(separator: "\n"))
  }

  /// Writes mutants that were not found.
  private func write(_ scores: [MutantScore], _ run: MutationRun, to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (index, score) in scores.enumerated() where score.isScored && !score.isFound {
      let name = "\(index)-\(score.kind.id)-\(score.function)"
      try Data(run.bytes(of: index)).write(to: URL(filePath: "\(folder)/\(name)"))
    }
  }

  /// Has the command verify all that were not found, and a sample spread over all.
  private func compare(
    _ scores: [MutantScore], _ run: MutationRun, with command: String, in directory: TemporaryDirectory
  ) throws {
    var known: [String: CommandFindings] = [:]
    var different = 0
    var compared = 0
    let step = max(1, scores.count / max(1, compareCount))
    for index in scores.indices where index % step == 0 || scores[index].isScored && !scores[index].isFound {
      let path = directory.file("mutant")
      try Data(run.bytes(of: index)).write(to: URL(filePath: path))
      let result = try TestSupport.run(command, ["verify", "--format", "json", "--require-coverage", path])
      if known[scores[index].path] == nil {
        let unmutated = try TestSupport.run(
          command, ["verify", "--format", "json", "--require-coverage", scores[index].path])
        known[scores[index].path] = try CommandFindings(json: unmutated.output)
      }
      let isFound = try CommandFindings(json: result.output).exceed(known[scores[index].path])
      compared += 1
      if isFound != scores[index].isFound {
        different += 1
        warn("\(scores[index].kind.id) \(scores[index].function) \(scores[index].note): by the command \(isFound)")
      }
    }
    print("\nOf \(compared) mutants verified by the command, \(different) had another outcome.")
  }
}

/// One line on standard error.
private func warn(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
