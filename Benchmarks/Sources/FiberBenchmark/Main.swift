internal import ArgumentParser
internal import Foundation

@main
struct FiberBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Benchmarks/run", abstract: "Compares fibers with their peers.",
    subcommands: [Run.self, Measure.self], defaultSubcommand: Run.self)
}

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs cases and prints a table of each.",
    discussion: "Cases: \(Case.all.map(\.name).joined(separator: ", ")).")

  @Option(name: .customLong("case"), help: "A case, or the beginning of its name; may be given again.")
  var cases: [String] = []

  @Option(help: "Slices of each contender in a process.")
  var rounds = 101

  @Option(help: "Processes for each pair of contenders.")
  var `repeat` = 5

  @Flag(help: "Print JSON instead of tables.")
  var json = false

  func run() throws {
    let selected = Case.all.filter { benchmark in
      cases.isEmpty || cases.contains { benchmark.name.hasPrefix($0) }
    }
    var results: [CaseResult] = []
    for benchmark in selected {
      let result = try measure(benchmark)
      results.append(result)
      if !json { print(Table(result: result).text + "\n") }
    }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      print(String(decoding: try encoder.encode(results), as: UTF8.self))
    }
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

/// One process of a pair.
struct Measure: ParsableCommand {
  static let configuration = CommandConfiguration(shouldDisplay: false)

  @Argument var `case`: String
  @Argument var contender: String
  @Argument var reference: String
  @Argument var rounds: Int

  func run() throws {
    guard let benchmark = Case.all.first(where: { $0.name == `case` }), let contender = benchmark.contender(contender),
      let reference = benchmark.contender(reference)
    else { throw ValidationError("there is no such pair") }
    let result = try PairMeasurement(contender, against: reference, rounds: rounds)
    print(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))
  }
}
