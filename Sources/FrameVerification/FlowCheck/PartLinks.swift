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
      if jumps[place].contains(where: { $0.jump.fit == .open || $0.jump.fit == .wrongPad }) {
        isNowSpoilt = true
      }
      guard known != unsound[place] || isNowSpoilt != isSpoilt[place] else { continue }
      unsound[place] = known
      isSpoilt[place] = isNowSpoilt
      for jump in verdicts[place].partJumps { if let target = places[jump.fde] { waiting.append(target) } }
    }
    for place in verdicts.indices {
      // Where a stack begins: nothing in the file calls it or jumps to it.
      if verdicts[place].isRoot, jumps[place].isEmpty {
        verdicts[place].proved += verdicts[place].unknown.values.reduce(0, +)
        verdicts[place].unknown = [:]
        verdicts[place].addresses?.acceptAll()
      }
      for (entries, count) in verdicts[place].conditionals {
        let isProved = !isSpoilt[place] && entries.isDisjoint(with: unsound[place])
        if isProved {
          verdicts[place].proved += count
        } else {
          verdicts[place].unknown[.otherEntry, default: 0] += count
        }
        verdicts[place].addresses?.settle(entries, isProved: isProved)
      }
      verdicts[place].conditionals = [:]
      if isSpoilt[place], verdicts[place].proved > 0 {
        verdicts[place].unknown[.follows, default: 0] += verdicts[place].proved
        verdicts[place].proved = 0
        verdicts[place].addresses?.spoil()
      }
      if let call = jumps[place].first(where: { $0.jump.fit == .wrongEntry }) {
        refuteEntry(of: &verdicts[place], caller: verdicts[call.source], to: call.jump.to)
      }
      for jump in wrongPads(jumps[place].map(\.jump)) { refutePad(of: &verdicts[place], jump) }
    }
  }

  /// Of each landing pad that calls of other FDEs lead to, and whose row none of them agrees with, the first jump.
  private static func wrongPads(_ jumps: [PartJump]) -> [PartJump] {
    guard jumps.contains(where: { $0.fit == .wrongPad }) else { return [] }
    let others = Set(jumps.lazy.filter { $0.fit != .wrongPad }.map(\.to))
    var seen = others
    return jumps.sorted { ($0.to, $0.from) < ($1.to, $1.from) }.filter { seen.insert($0.to).inserted }
  }

  private static func refutePad(of verdict: inout FunctionVerdicts, _ jump: PartJump) {
    let claim = "another frame than that of the calls whose landing pad it is"
    let call = String(jump.from, radix: 16)
    let reality = "an exception from the call at 0x\(call) comes there with the frame of that call"
    verdict.findings.insert(
      Finding(
        .partRowWrong, fde: verdict.fde, address: jump.to,
        explanation: "the row at 0x\(String(jump.to, radix: 16)) says \(claim); \(reality)",
        evidence: Evidence(
          .landingPad, from: jump.from, to: jump.to, claim: claim, reality: reality,
          consequence: "every unwinder goes wrong from the landing pad on until the row changes")),
      at: 0)
    refuteOne(&verdict)
  }

  /// Counts one instruction more as refuted, which was not.
  private static func refuteOne(_ verdict: inout FunctionVerdicts) {
    if verdict.proved > 0 {
      verdict.proved -= 1
      verdict.refuted += 1
    } else if let reason = [UnknownReason.otherEntry, .follows].first(where: { verdict.unknown[$0, default: 0] > 0 }) {
      let count = verdict.unknown[reason, default: 0]
      verdict.unknown[reason] = count > 1 ? count - 1 : nil
      verdict.refuted += 1
    }
  }

  private static func refuteEntry(
    of verdict: inout FunctionVerdicts, caller: FunctionVerdicts, to address: UInt64
  ) {
    // Its own rows may have shown it.
    guard !verdict.findings.contains(where: { $0.address == address && $0.rule == .entryRowWrong }) else { return }
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
    refuteOne(&verdict)
  }
}
