internal import FrameVerification

/// Adds up what is known of functions.
struct VerdictTally {
  private var sum = ReportedCounts()
  private var unknown: [UnknownReason: Int] = [:]

  init(fdes: Int) { sum.fdes = fdes }

  mutating func add(_ verdicts: FunctionVerdicts) {
    sum.checkedFDEs += 1
    sum.bytes += verdicts.bytes
    sum.instructions += verdicts.instructions
    sum.proved += verdicts.proved
    sum.refuted += verdicts.refuted
    sum.unresolvedJumps += verdicts.unresolvedJumps
    unknown.merge(verdicts.unknown, uniquingKeysWith: +)
  }

  var counts: ReportedCounts {
    var counts = sum
    counts.unknown = unknown.sorted { $0.key < $1.key }.map { ReportedUnknown(reason: $0.key, count: $0.value) }
    return counts
  }
}
