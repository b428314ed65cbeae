package import CallFrameInfo

/// Decides what the checks of single FDEs leave open: whether the parts of functions that only jumps from other FDEs lead to are
/// entered as their rows say.
package enum PartLinks {
  /// Settles `conditional` of the verdicts on one file's FDEs: it becomes `proved` where every entry is jumped to and each jump into
  /// the FDE comes as the row there says, from code that is proved itself; else it is unknown. What else is jumped into otherwise
  /// than proved is not proved either. Functions that are called and whose first row says otherwise get a finding.
  ///
  /// O(n log n) in verdicts and jumps.
  package static func resolve(_ verdicts: inout [FunctionVerdicts], table: CallFrameTable) {
    var places: [Int: Int] = [:]
    for (place, verdict) in verdicts.enumerated() { places[verdict.fde] = place }
    var jumps: [[(to: UInt64, fit: PartJump.Fit, source: Int)]] = Array(repeating: [], count: verdicts.count)
    for (place, verdict) in verdicts.enumerated() {
      for jump in verdict.partJumps {
        if let target = places[jump.fde] { jumps[target].append((jump.to, jump.fit, place)) }
      }
    }
    // As long as nothing speaks against it, parts that jump into each other hold each other up.
    var isSound = verdicts.indices.map { place in
      let entered = Set(jumps[place].lazy.filter { $0.fit == .proved || $0.fit == .conditional }.map(\.to))
      return verdicts[place].entries.allSatisfy(entered.contains) && !jumps[place].contains { $0.fit == .open }
    }
    var failed = verdicts.indices.filter { !isSound[$0] }
    while let place = failed.popLast() {
      for jump in verdicts[place].partJumps {
        // What is proved in an FDE rests on its own entry, unless that is jumped into otherwise.
        guard let target = places[jump.fde], isSound[target], jump.fit == .conditional || jump.fit == .proved else { continue }
        if jump.fit == .proved, !jumps[place].contains(where: { $0.fit == .open }) { continue }
        isSound[target] = false
        failed.append(target)
      }
    }
    for place in verdicts.indices {
      let count = verdicts[place].conditional
      verdicts[place].conditional = 0
      if isSound[place] {
        verdicts[place].proved += count
      } else {
        if count > 0 { verdicts[place].unknown[.otherEntry, default: 0] += count }
        if jumps[place].contains(where: { $0.fit == .open }), verdicts[place].proved > 0 {
          verdicts[place].unknown[.follows, default: 0] += verdicts[place].proved
          verdicts[place].proved = 0
        }
      }
      if let call = jumps[place].first(where: { $0.fit == .wrongEntry }) {
        refuteEntry(of: &verdicts[place], table: table, caller: verdicts[call.source], to: call.to)
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
