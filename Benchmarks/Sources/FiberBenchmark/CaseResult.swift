/// The middle of what several processes have measured, and how far they lie apart.
struct Spread: Codable {
  let median: Double
  let least: Double
  let most: Double

  /// - Parameter values: At least one.
  init(of values: [Double]) {
    let sorted = values.sorted()
    // Of an even number the mean of the middle two.
    median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    least = sorted[0]
    most = sorted[sorted.count - 1]
  }
}

/// What is known of a contender when all processes have ended.
struct ContenderResult: Codable {
  let name: String
  let isOurs: Bool
  /// Nanoseconds a unit: the medians of the processes.
  let time: Spread
  /// The quartiles of the slices in a process: the median of all processes.
  let quartiles: Quartiles
  /// How many times as long as each reference, in the same process. 1 for the reference itself.
  let ratios: [Ratio]

  struct Ratio: Codable {
    let reference: String
    let ratio: Spread
  }
}

/// What is known of a case.
struct CaseResult: Codable {
  let name: String
  let title: String
  let unit: String
  let references: [String]
  let contenders: [ContenderResult]

  /// - Parameter measured: What processes have measured: at least one of each pair of the case.
  init(_ benchmark: Case, _ measured: [(pair: Pair, result: PairMeasurement)]) {
    name = benchmark.name
    title = benchmark.title
    unit = benchmark.unit
    references = benchmark.references
    contenders = benchmark.contenders.map { contender in
      let own = measured.compactMap { pair, result in
        pair.contender == contender.name
          ? result.contender : pair.reference == contender.name ? result.reference : nil
      }
      let ratios = benchmark.references.map { reference in
        let ratios = measured.filter { $0.pair.contender == contender.name && $0.pair.reference == reference }
          .map { $0.result.contender.median / $0.result.reference.median }
        return ContenderResult.Ratio(reference: reference, ratio: Spread(of: ratios.isEmpty ? [1] : ratios))
      }
      return ContenderResult(
        name: contender.name, isOurs: contender.isOurs, time: Spread(of: own.map(\.median)),
        quartiles: Quartiles(
          lower: Spread(of: own.map(\.quartiles.lower)).median, upper: Spread(of: own.map(\.quartiles.upper)).median),
        ratios: ratios)
    }
  }
}
