internal import Glibc

/// What the slices of one contender have taken in one process, in nanoseconds a unit.
struct Measurement: Codable {
  let quartiles: Quartiles
  let median: Double

  /// - Parameter samples: At least one.
  init(of samples: [Double]) {
    let sorted = samples.sorted()
    median = sorted[sorted.count / 2]
    quartiles = Quartiles(lower: sorted[sorted.count / 4], upper: sorted[sorted.count * 3 / 4])
  }
}

/// What half of the samples lie between.
struct Quartiles: Codable {
  let lower: Double
  let upper: Double
}

/// What one process has measured of two contenders.
struct PairMeasurement: Codable {
  let contender: Measurement
  let reference: Measurement

  /// Runs both in turn, a slice each a round, so that what the machine does meanwhile falls on both alike.
  ///
  /// - Parameter rounds: At least one.
  init(_ contender: Contender, against reference: Contender, rounds: Int) throws {
    let contenders = [reference, contender]
    let workloads = try contenders.map { try $0.make() }
    var samples: [[Double]] = [[], []]
    for _ in 0..<rounds {
      for (index, workload) in workloads.enumerated() {
        _ = try workload.run(contenders[index].warmUp)
        let start = nanoseconds()
        let units = try workload.run(contenders[index].slice)
        samples[index].append((nanoseconds() - start) / Double(units))
      }
    }
    self.reference = Measurement(of: samples[0])
    self.contender = Measurement(of: samples[1])
  }
}

/// The monotonic clock.
private func nanoseconds() -> Double {
  var time = timespec()
  _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}
