internal import FrameVerification

/// Adds up what is known of functions.
struct VerdictTally {
  private(set) var counts = ReportedCounts()
  private var unknown: [UnknownReason: Int] = [:]

  init(fdes: Int) { counts.fdes = fdes }

  mutating func add(_ verdicts: FunctionVerdicts) {
    counts.checkedFDEs += 1
    counts.bytes += verdicts.bytes
    counts.instructions += verdicts.instructions
    counts.proved += verdicts.proved
    counts.refuted += verdicts.refuted
    counts.unresolvedJumps += verdicts.unresolvedJumps
    unknown.merge(verdicts.unknown, uniquingKeysWith: +)
    counts.unknown = unknown.sorted { $0.key < $1.key }.map { ReportedUnknown(reason: $0.key, count: $0.value) }
  }
}
