internal import CallFrameInfo
internal import FrameVerification
internal import Instructions

/// Call frame information that was made for a function, as a value that renderers are functions of.
struct SynthesizedListing {
  /// A stretch of code with a `.cfi_startproc` of its own.
  struct Part {
    /// Its name, "f" or "f.cold"; nil where none is known.
    var name: ListedSymbol?
    var addresses: Range<UInt64>
    /// The function is entered here.
    var isEntry: Bool
    var lines: [Line] = []
    /// Instructions at which the file's row agrees, is not known to, and is wrong; none where it has no row.
    var agreeing = 0
    var undecided = 0
    var differing = 0
    /// The file's FDE names a personality routine, which the directives here do not.
    var hasPersonality = false
    /// The file's FDE says that this is a signal handler's return.
    var isSignalFrame = false
    /// The file has a row for some of it.
    var hasRows: Bool { agreeing + undecided + differing > 0 }
    var directives: Int { lines.reduce(0) { $0 + $1.directives.count } }
    /// Instructions without a derived row.
    var gaps: Int { lines.count { $0.gap != nil } }
  }

  /// An instruction.
  struct Line {
    var address: UInt64
    /// In words, with the name of what it leads to.
    var text: String
    /// Labels that stand before it.
    var labels: [ListedSymbol]
    /// Where it comes from, if that is another line than of the instruction before.
    var source: SourceLine?
    /// What stands before it: the row then holds before it, behind the instruction before.
    var directives: [CallFrameDirective]
    /// Why its row is not known.
    var gap: SynthesisGap?
    /// Right if an indirect jump that could not be followed leads here; said where that begins.
    var isAssumed: Bool
    /// The file's row is wrong or not known to be right, and was not so before, or it is another row: "rsp+16 ra@c-8".
    var fileRow: (words: String, isWrong: Bool)?
    /// Control is taken not to come back from it.
    var isEndlessCall: Bool
  }

  /// The function's readable name, nil where none is known.
  var name: ListedSymbol?
  /// The parts for which directives were made; the one that is entered first.
  var parts: [Part]
  /// Names of functions into the middle of which this one jumps.
  var others: [String]
  var unresolvedJumps: [UInt64]

  /// Something could not be derived.
  var hasGaps: Bool { parts.contains { $0.gaps > 0 } }
}
