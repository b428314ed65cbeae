package import Instructions

/// The rows that a function's code calls for.
package struct SynthesizedFunction: Sendable {
  /// A stretch of code under rows of its own: the function, or a part of it elsewhere in memory.
  package struct Part: Sendable {
    /// Its addresses.
    package var addresses: Range<UInt64>
    /// A function of its own begins there, which this one jumps into.
    package var isOtherFunction: Bool
    /// By address.
    package var lines: [Line]
  }

  /// An instruction with what holds before it.
  package struct Line: Sendable {
    package var instruction: Instruction
    /// What holds before it; the row before goes on where there is a gap.
    package var row: SynthesizedRow
    /// Why its row is not known; nil where it is, and for padding that nothing leads to.
    package var gap: SynthesisGap?
    /// The row is right if an indirect jump that could not be followed leads here.
    package var isAssumed: Bool
    /// What the file's own row is beside the code.
    package var comparison: RowComparison
    /// Control is taken not to come back from this call: what is known behind it contradicts all other ways to the same place.
    package var isEndlessCall: Bool
  }

  /// Where it is entered.
  package var head: UInt64
  /// By address.
  package var parts: [Part]
  /// Addresses of indirect jumps that could not be followed, ascending.
  package var unresolvedJumps: [UInt64]
}

/// How a file's own row relates to what is known from the code.
package enum RowComparison: Sendable, Hashable {
  /// The file has no row here, or nothing is known from the code.
  case none
  /// It recovers the CFA, the return address and registers as they were.
  case agrees
  /// It says nothing wrong, and something of it is not known to be right.
  case undecided
  /// It recovers something else.
  case differs
  /// It recovers something else, and says that this is the outermost frame, where nothing is to be recovered.
  case outermost
}
