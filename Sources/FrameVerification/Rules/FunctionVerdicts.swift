/// What is known of the instructions under one FDE.
package struct FunctionVerdicts: Sendable, Hashable {
  /// Index of the FDE in `CallFrameTable.fdes`.
  package var fde: Int
  /// Size of its code in bytes; 0 if it is too large to be followed.
  package var bytes: UInt64 = 0
  /// Why nothing of it was looked at; nil if it was.
  package var skipped: SkipReason?
  /// Instructions whose row is proved.
  package var proved = 0
  /// Instructions whose row is refuted.
  package var refuted = 0
  /// All others, by reason.
  package var unknown: [UnknownReason: Int] = [:]
  /// Those neither proved nor refuted whose rows were right whenever they were executed, and how often that was.
  package var seen = 0
  package var seenTimes = 0
  /// Which instructions these are; nil unless that was asked for.
  package var addresses: VerdictAddresses?
  /// What is wrong, by address.
  package var findings: [Finding] = []
  /// Instructions whose row is proved if jumps from other FDEs come to some of `entries` as the rows there say, by those entries:
  /// `PartLinks` decides.
  package var conditionals: [EntrySet: Int] = [:]
  /// Where this FDE is entered, besides its start as the ABI says, if at all.
  package var entries: [UInt64] = []
  /// Ways from this FDE into the middle of others.
  package var partJumps: [PartJump] = []
  /// All rows say that there is no return address, and the code does nothing: it is there to be found as a return address.
  package var isRoot = false
  /// Instructions that load a stack or frame pointer from memory of others, behind which the row goes by it: switches of stacks, maybe.
  package var stackLoads: [UInt64] = []
  /// Indirect jumps whose targets are not known.
  package var unresolvedJumps = 0

  package init(fde: Int) { self.fde = fde }

  /// All of `conditionals`.
  package var conditional: Int { conditionals.values.reduce(0, +) }

  /// All instructions.
  package var instructions: Int { proved + conditional + refuted + seen + unknown.values.reduce(0, +) }
}

/// A way from one FDE into another that is no call of a function: between the hot and the cold part of one, say.
package struct PartJump: Sendable, Hashable {
  /// What is known of the row where it leads.
  package enum Fit: UInt8, Sendable, Hashable {
    /// The state of the jump is proved, and the row says it.
    case proved
    /// Likewise, if the FDE that jumps is entered as it needs.
    case conditional
    /// The row says it, but the state of the jump is not proved.
    case fits
    /// The row is not known to be right.
    case open
    /// It is a landing pad of another FDE's call, and the row is wrong if that call throws.
    case wrongPad
    /// It is a call of a function whose first row is not that of a function that is called.
    case wrongEntry
  }

  /// The instruction.
  package var from: UInt64
  /// Where it leads.
  package var to: UInt64
  /// Index of the FDE there.
  package var fde: Int
  /// How the row there fits.
  package var fit: Fit
  /// For `conditional`, the entries of the FDE that jumps.
  package var entries: EntrySet

  package init(from: UInt64, to: UInt64, fde: Int, fit: Fit, entries: EntrySet = []) {
    self.entries = entries
    self.from = from
    self.to = to
    self.fde = fde
    self.fit = fit
  }
}

/// Some of the `entries` of an FDE, by their index; all from index 63 on are one.
package struct EntrySet: OptionSet, Sendable, Hashable {
  package let rawValue: UInt64

  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The one of this index.
  package init(index: Int) { rawValue = 1 << UInt64(Swift.min(index, 63)) }
}
