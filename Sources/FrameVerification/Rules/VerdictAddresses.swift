/// Which instructions under one FDE have which verdict, by the file's addresses.
package struct VerdictAddresses: Sendable, Hashable {
  /// Those whose row is proved.
  package var proved: [UInt64] = []
  /// As `FunctionVerdicts.conditionals`.
  package var conditionals: [EntrySet: [UInt64]] = [:]
  /// Those that are neither proved nor refuted.
  package var unknown: [UInt64: UnknownReason] = [:]

  package init() {}

  /// Whether the FDE is entered as these of its entries ask is known now.
  mutating func settle(_ entries: EntrySet, isProved: Bool) {
    guard let settled = conditionals.removeValue(forKey: entries) else { return }
    if isProved {
      proved += settled
    } else {
      for address in settled { unknown[address] = .otherEntry }
    }
  }

  /// Nothing is proved after all.
  mutating func spoil() {
    for address in proved { unknown[address] = .follows }
    proved = []
  }

  /// Everything is proved.
  mutating func acceptAll() {
    proved += unknown.keys
    unknown = [:]
  }
}

extension FunctionVerdicts {
  /// Takes note of executions: instructions without a verdict whose rows were right are *seen*. O(their number).
  ///
  /// - Parameter times: how often the row of the instruction at an address was right; nil if it was not executed, or was wrong once.
  package mutating func join(_ times: (UInt64) -> Int?) {
    guard let unknown = addresses?.unknown, !unknown.isEmpty else { return }
    let refuted = Set(findings.compactMap(\.address))
    for (address, reason) in unknown where !refuted.contains(address) {
      guard let times = times(address), let count = self.unknown[reason], count > 0 else { continue }
      self.unknown[reason] = count > 1 ? count - 1 : nil
      seen += 1
      seenTimes += times
    }
  }
}
