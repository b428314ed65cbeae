internal import ArgumentParser
internal import Foundation

@main
struct FiberBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Benchmarks/run", abstract: "Compares fibers with their peers.",
    subcommands: [Run.self, Measure.self, Count.self], defaultSubcommand: Run.self)
}

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs cases and prints a table of each.",
    discussion: """
      A time is the median of the processes' medians, in nanoseconds. "processes" is the range of these medians, "slices"
      the middle half of the slices in a process. A ratio compares two contenders of the same process.

      Cases: \(names.joined(separator: ", ")).
      """)

  /// All that `--case` selects from.
  private static var names: [String] { Case.all.map(\.name) + CallResult.all.map(\.name) }

  @Option(name: .customLong("case"), help: "A case, or the beginning of the names of several; may be given again.")
  var cases: [String] = []

  @Option(help: "Slices of each contender in a process.")
  var rounds = 101

  @Option(help: "Processes for each pair of contenders.")
  var `repeat` = 5

  @Flag(help: "Print JSON instead of tables.")
  var json = false

  @Option(help: "Write a chart of the ratios to this file.")
  var svg: String?

  func validate() throws {
    guard rounds > 0 && `repeat` > 0 else { throw ValidationError("--rounds and --repeat are at least 1") }
    for name in cases where !Self.names.contains(where: { $0.hasPrefix(name) }) {
      throw ValidationError("no case is called \(name); there are \(Self.names.joined(separator: ", "))")
    }
  }

  func run() throws {
    var report = Report(machine: Machine(), rounds: rounds, processes: `repeat`)
    if !json { show(report.machine.text + "\n") }
    for benchmark in Case.all where isSelected(benchmark.name) {
      let result = try measure(benchmark)
      report.cases.append(result)
      if !json { show(Table(result).text + "\n") }
    }
    for counted in CallResult.all where isSelected(counted.name) {
      let result = try CallResult(counted)
      report.calls.append(result)
      if !json { show(Table(result).text + "\n") }
    }
    if json { try printJSON(report) }
    if let svg { try Chart(report).text.write(toFile: svg, atomically: true, encoding: .utf8) }
  }

  /// A name that is a case's own selects that one alone.
  private func isSelected(_ name: String) -> Bool {
    cases.isEmpty || cases.contains { Self.names.contains($0) ? $0 == name : name.hasPrefix($0) }
  }

  /// Each pair in processes of its own.
  private func measure(_ benchmark: Case) throws -> CaseResult {
    let path = try ownPath()
    var measured: [(Pair, PairMeasurement)] = []
    for _ in 0..<`repeat` {
      for pair in benchmark.pairs {
        let data = try output(of: [path, "measure", benchmark.name, pair.contender, pair.reference, String(rounds)])
        measured.append((pair, try JSONDecoder().decode(PairMeasurement.self, from: data)))
      }
    }
    return CaseResult(benchmark, measured)
  }
}

/// One process that measures a pair.
struct Measure: ParsableCommand {
  static let configuration = CommandConfiguration(shouldDisplay: false)

  @Argument var `case`: String
  @Argument var contender: String
  @Argument var reference: String
  @Argument var rounds: Int

  func run() throws {
    guard let benchmark = Case.named(`case`), let contender = benchmark.contender(contender),
      let reference = benchmark.contender(reference)
    else { throw ValidationError("there is no such pair") }
    try printJSON(try PairMeasurement(contender, against: reference, rounds: rounds))
  }
}

/// One process that counts calls.
struct Count: ParsableCommand {
  static let configuration = CommandConfiguration(shouldDisplay: false)

  @Argument var `case`: String
  @Argument var contender: String
  @Argument var operations: Int

  func run() throws {
    guard let contender = Case.named(`case`)?.contender(contender) else {
      throw ValidationError("there is no such contender")
    }
    try printJSON(try CountedCalls(of: contender, operations: operations))
  }
}

/// Writes a line at once, which `print` does not do into a pipe.
private func show(_ text: String) {
  FileHandle.standardOutput.write(Data((text + "\n").utf8))
}

private func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
