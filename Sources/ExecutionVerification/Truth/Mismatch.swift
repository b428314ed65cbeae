/// What a row said and an execution showed not to be so, at one instruction.
package struct Mismatch: Sendable, Hashable {
  /// What of the row.
  package enum Subject: Sendable, Hashable {
    /// The CFA: the frame lies elsewhere.
    case cfa
    /// The place of the return address, though the value there happens to be right.
    case returnAddressSlot
    /// The return address itself.
    case returnAddress
    /// A register, by DWARF number, that the caller would be shown wrong.
    case register(UInt8)
    /// A frame further out, this many frames away: the walk from here does not lead to the caller that is there.
    case walk(frame: Int)
    /// The row cannot be evaluated.
    case failed(String)
    /// The row says that there is no caller, and there is one.
    case outermost
  }

  /// A place in a file's code.
  package struct Place: Sendable, Hashable {
    /// Index in `StepReport.modules`.
    package var module: Int
    /// As the file counts addresses.
    package var address: UInt64

    package init(module: Int, address: UInt64) {
      self.module = module
      self.address = address
    }
  }

  /// Index in `StepReport.modules`.
  package var module: Int
  /// The instruction, as the file counts addresses.
  package var address: UInt64
  package var subject: Subject
  /// What the row says (the first time), and what is so. Zero where the subject has no value.
  package var claimed: UInt64
  package var actual: UInt64
  /// Where in code these lead, if they do: return addresses.
  package var claimedPlace: Place?
  package var actualPlace: Place?
  /// How often it was seen.
  package var count: Int

  package init(module: Int, address: UInt64, subject: Subject, claimed: UInt64, actual: UInt64, count: Int = 1) {
    self.module = module
    self.address = address
    self.subject = subject
    self.claimed = claimed
    self.actual = actual
    self.count = count
  }
}
