package import CallFrameInfo

/// Decides what the checks of single FDEs leave open: whether the parts of functions that only jumps from other FDEs lead to are
/// entered as their rows say.
package enum PartLinks {
  /// Settles `conditionals` of the verdicts on one file's FDEs: proved where each of the entries is jumped to as the row there
  /// says, from code that is proved itself; else unknown. An FDE that is also jumped into otherwise than its rows say has nothing
  /// proved; of code that is not proved itself but jumps as the rows say it is assumed that it keeps to its own. Functions
  /// that are called and whose first row says otherwise get a finding.
  ///
  /// O(n log n) in verdicts and jumps.
  package static func resolve(_ verdicts: inout [FunctionVerdicts], table: CallFrameTable) {
    var places: [Int: Int] = [:]
    for (place, verdict) in verdicts.enumerated() { places[verdict.fde] = place }
    var jumps: [[(jump: PartJump, source: Int)]] = Array(repeating: [], count: verdicts.count)
    for (place, verdict) in verdicts.enumerated() {
      for jump in verdict.partJumps {
        if let target = places[jump.fde] { jumps[target].append((jump, place)) }
      }
    }
    // As long as nothing speaks against it, parts that jump into each other hold each other up.
    var unsound = [EntrySet](repeating: [], count: verdicts.count)
    var isSpoilt = [Bool](repeating: false, count: verdicts.count)
    func isSound(_ jump: PartJump, from source: Int) -> Bool {
      !isSpoilt[source]
        && (jump.fit == .proved || jump.fit == .conditional && jump.entries.isDisjoint(with: unsound[source]))
    }
    var waiting = Array(verdicts.indices)
    while let place = waiting.popLast() {
      var known = unsound[place]
      var isNowSpoilt = isSpoilt[place]
      let sound = Set(jumps[place].lazy.filter { isSound($0.jump, from: $0.source) }.map(\.jump.to))
      for (index, entry) in verdicts[place].entries.enumerated() where index >= 63 || !sound.contains(entry) {
        known.formUnion(EntrySet(index: index))
      }
      if jumps[place].contains(where: { $0.jump.fit == .open }) {
        isNowSpoilt = true
      }
      guard known != unsound[place] || isNowSpoilt != isSpoilt[place] else { continue }
      unsound[place] = known
      isSpoilt[place] = isNowSpoilt
      for jump in verdicts[place].partJumps { if let target = places[jump.fde] { waiting.append(target) } }
    }
    for place in verdicts.indices {
      for (entries, count) in verdicts[place].conditionals {
        if !isSpoilt[place], entries.isDisjoint(with: unsound[place]) {
          verdicts[place].proved += count
        } else {
          verdicts[place].unknown[.otherEntry, default: 0] += count
        }
      }
      verdicts[place].conditionals = [:]
      if isSpoilt[place], verdicts[place].proved > 0 {
        verdicts[place].unknown[.follows, default: 0] += verdicts[place].proved
        verdicts[place].proved = 0
      }
      if let call = jumps[place].first(where: { $0.jump.fit == .wrongEntry }) {
        refuteEntry(of: &verdicts[place], table: table, caller: verdicts[call.source], to: call.jump.to)
      }
    }
  }

  private static func refuteEntry(
    of verdict: inout FunctionVerdicts, table: CallFrameTable, caller: FunctionVerdicts, to address: UInt64
  ) {
    let from = caller.partJumps.first { $0.to == address && $0.fit == .wrongEntry }?.from ?? address
    let claim = "another frame than the one a call has just made"
    let reality = "0x\(String(from, radix: 16)) calls it: CFA = rsp+8, the return address at rsp+0"
    verdict.findings.insert(
      Finding(
        .entryRowWrong, fde: verdict.fde, address: address,
        explanation: "the first row says \(claim); \(reality)",
        evidence: Evidence(
          .entry, from: from, to: address, claim: claim, reality: reality,
          consequence: "every unwinder takes another word for the return address until the row changes",
          remedy: Remedy(".cfi_def_cfa rsp, 8", after: nil))),
      at: 0)
    if verdict.proved > 0 {
      verdict.proved -= 1
      verdict.refuted += 1
    } else if let (reason, count) = verdict.unknown.first(where: { $0.value > 0 && $0.key == .otherEntry }) {
      verdict.unknown[reason] = count > 1 ? count - 1 : nil
      verdict.refuted += 1
    }
  }
}
