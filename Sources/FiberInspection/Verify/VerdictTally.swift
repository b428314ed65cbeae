internal import FrameVerification

/// Adds up what is known of functions.
struct VerdictTally {
  private var sum = ReportedCounts()
  private var unknown: [UnknownReason: Int] = [:]
  private var skipped: [SkipReason: Int] = [:]

  init(fdes: Int) { sum.fdes = fdes }

  mutating func add(_ verdicts: FunctionVerdicts) {
    if let reason = verdicts.skipped {
      skipped[reason, default: 0] += 1
    } else {
      sum.checkedFDEs += 1
    }
    sum.bytes += verdicts.bytes
    sum.instructions += verdicts.instructions
    sum.proved += verdicts.proved
    sum.refuted += verdicts.refuted
    sum.seen += verdicts.seen
    sum.seenTimes += verdicts.seenTimes
    sum.unresolvedJumps += verdicts.unresolvedJumps
    unknown.merge(verdicts.unknown, uniquingKeysWith: +)
  }

  var counts: ReportedCounts {
    var counts = sum
    counts.unknown = unknown.sorted { $0.key < $1.key }.map { ReportedUnknown(reason: $0.key, count: $0.value) }
    counts.skipped = skipped.sorted { $0.key < $1.key }.map { ReportedSkip(reason: $0.key, count: $0.value) }
    return counts
  }
}
