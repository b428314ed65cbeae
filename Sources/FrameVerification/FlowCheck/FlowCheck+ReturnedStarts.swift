internal import CallFrameInfo
internal import Instructions

extension FlowCheck {
  /// Refutes first rows that a return leads to.
  ///
  /// The base of a coroutine's stack is entered by the `ret` of the first switch, not by a call: its first row speaks of a frame that is
  /// there already. Unwinders take the address for one behind a call, and look for the row of the byte before, which is under
  /// another FDE or none. (The S augmentation says that they need not, and a byte of padding under the FDE helps.)
  ///
  /// Found are functions whose first row finds the CFA by anything but rsp and a number, that nothing in the file calls or jumps to, and
  /// whose address is taken by an instruction. (With rsp and a number it may be jumped to behind pushes, as `_dl_runtime_resolve` is from
  /// the linkage table.)
  ///
  /// - Parameter verdicts: of all FDEs of the file, after `PartLinks.resolve`.
  package mutating func refuteReturnedStarts(_ verdicts: inout [FunctionVerdicts]) {
    var candidates: [UInt64: Int] = [:]
    let entered = Set(verdicts.lazy.flatMap(\.partJumps).map(\.to))
    for (place, verdict) in verdicts.enumerated() where isReturnedTo(verdict, entered) {
      candidates[table.fdes[verdict.fde].addresses.lowerBound] = place
    }
    guard !candidates.isEmpty else { return }
    for index in verdicts.indices {
      for instruction in reader.code(of: table.ownAddresses(of: verdicts[index].fde)).instructions {
        guard case .move(_, .constant(let number)) = instruction.effect,
          let place = candidates.removeValue(forKey: UInt64(bitPattern: number))
        else { continue }
        refuteStart(of: &verdicts[place], taken: instruction.address)
      }
      if candidates.isEmpty { return }
    }
  }

  /// Whether a function is one that only a return can lead to as its first row says.
  private mutating func isReturnedTo(_ verdict: FunctionVerdicts, _ entered: Set<UInt64>) -> Bool {
    let fde = table.fdes[verdict.fde]
    let start = fde.addresses.lowerBound
    guard verdict.instructions > 0, facts.isFunction(start), !entered.contains(start),
      !table.cie(of: fde).isSignalFrame, let row = foreign.row(at: start, fde: verdict.fde), !row.isEntry,
      !row.isOutermost
    else { return false }
    if case .register(let register, _) = row.cfa, Int(register) == AbstractState.rsp { return false }
    let judge = Judge(section: table.section(of: fde), cie: table.cie(of: fde))
    var entry = AbstractState.entry
    guard !judge.judge(row, &entry, pc: start).isSatisfied else { return false }
    // Padding first: the place returned to is behind it.
    return reader.code(of: start..<start + 1).instructions.first?.isFiller == false
  }

  private func refuteStart(of verdict: inout FunctionVerdicts, taken from: UInt64) {
    let start = table.fdes[verdict.fde].addresses.lowerBound
    let claim = "a frame that is there already, not the one a call has just made: a return leads here"
    let before = start == 0 ? nil : table.index(at: start - 1)
    let other = before.map { "under the FDE of 0x\(String(table.fdes[$0].addresses.lowerBound, radix: 16))" }
    let reality = "the byte before, whose row unwinders look for behind a return, is \(other ?? "under no FDE")"
    verdict.findings.insert(
      Finding(
        .startReturnedTo, fde: verdict.fde, address: start,
        explanation: "the first row says \(claim); \(reality)",
        evidence: Evidence(
          .entry, from: from, to: start, claim: claim, reality: reality,
          consequence:
            "every unwinder takes the row of what lies before it in memory until the first switch has ended; "
            + "a nop under the FDE before the place returned to mends it, or .cfi_signal_frame")),
      at: 0)
    // Its first row was unknown or refuted: no function is entered so.
    if let reason = verdict.unknown.keys.min() {
      let count = verdict.unknown[reason, default: 0]
      verdict.unknown[reason] = count > 1 ? count - 1 : nil
      verdict.refuted += 1
    }
  }
}
