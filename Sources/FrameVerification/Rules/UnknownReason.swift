/// Why an instruction's row is neither proved nor refuted.
package struct UnknownReason: RawRepresentable, Sendable, Hashable, Comparable {
  /// Lowercase words with hyphens, for JSON and tables.
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  private init(_ rawValue: String) { self.rawValue = rawValue }

  /// Only an indirect jump that is not resolved may lead here.
  package static let indirectJump = UnknownReason("indirect-jump")
  /// Nothing that was seen leads here.
  package static let unreached = UnknownReason("unreached")
  /// An instruction that leads here is itself unknown or refuted.
  package static let follows = UnknownReason("follows-undecided")
  /// The CFA's expression reads what is not known here.
  package static let expression = UnknownReason("expression")
  /// The row computes from a register whose value is not followed.
  package static let registerValue = UnknownReason("register-value")
  /// The row reads a save slot of which nothing is known.
  package static let slot = UnknownReason("slot")
  /// It is not known whether the call before returns.
  package static let callReturns = UnknownReason("call-may-not-return")
  /// It is not known whether the call whose landing pad it is throws.
  package static let callThrows = UnknownReason("call-may-not-throw")
  /// The bytes are no instruction, or not in the file.
  package static let undecodable = UnknownReason("undecodable")
  /// The FDE's instructions cannot be read up to here.
  package static let noRow = UnknownReason("no-row")

  /// The return address is declared undefined here: nobody unwinds further, and the rest of the row does not fit the code.
  package static let outermost = UnknownReason("outermost-frame")
  /// Nothing that was seen leads to the part of the function that it is in, but jumps from other FDEs may.
  package static let otherEntry = UnknownReason("entered-from-elsewhere")
  /// The row describes the frame of a context kept in memory (longjmp, setcontext), not the one that was entered.
  package static let otherFrame = UnknownReason("other-frame")
  /// The stack or frame pointer was handed over by another function: by none that was seen, or by one whose frame the row does not
  /// fit.
  package static let handOver = UnknownReason("hand-over")
  /// The FDE is larger than what is followed.
  package static let tooLarge = UnknownReason("too-large")

  package static func < (first: UnknownReason, second: UnknownReason) -> Bool { first.rawValue < second.rawValue }
}
