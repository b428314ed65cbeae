/// What is known of the instructions under one FDE.
package struct FunctionVerdicts: Sendable, Hashable {
  /// Index of the FDE in `CallFrameTable.fdes`.
  package var fde: Int
  /// Size of its code in bytes.
  package var bytes: UInt64 = 0
  /// Instructions whose row is proved.
  package var proved = 0
  /// Instructions whose row is refuted.
  package var refuted = 0
  /// All others, by reason.
  package var unknown: [UnknownReason: Int] = [:]
  /// What is wrong, by address.
  package var findings: [Finding] = []
  /// Indirect jumps whose targets are not known.
  package var unresolvedJumps = 0

  package init(fde: Int) { self.fde = fde }

  /// All instructions.
  package var instructions: Int { proved + refuted + unknown.values.reduce(0, +) }
}
