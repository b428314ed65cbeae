/// An unwinder that finds another caller than our rows do, at one instruction.
package struct Disagreement: Sendable, Hashable {
  /// What is found where a caller is looked for.
  package enum Claim: Sendable, Hashable {
    /// A caller: where it goes on and its rsp, the CFA of its callee; nil where the unwinder does not tell.
    case frame(pc: UInt64, sp: UInt64?)
    /// There is no caller.
    case outermost
    /// The unwinder gives up: why, in its words.
    case failed(String)
    /// It has lost its way before, or looks no further.
    case notReached
  }

  /// Who is wrong.
  package enum Verdict: Sendable, Hashable {
    /// The rows lead where the program really goes, and this unwinder does not.
    case unwinder
    /// The rows lead elsewhere than the program really goes.
    case table
    /// Where the program goes from there has not been seen.
    case undecided
  }

  /// What one unwinder says.
  package struct View: Sendable, Hashable {
    package var unwinder: UnwinderName
    package var claim: Claim
  }

  /// Path of the module whose row the frame before rests on, as `StepReport.Module` has it, with its build-id.
  package var path: String
  package var buildID: [UInt8]?
  /// The instruction that the row is for, as the file counts addresses: of a frame that has called, the last byte of the call.
  package var address: UInt64
  /// Who differs.
  package var unwinder: UnwinderName
  /// The number of the frame from which on it differs, when it was seen first: 1 is the caller of the code that runs.
  package var frame: Int
  package var verdict: Verdict
  /// What every unwinder says of this frame, in their order.
  package var views: [View]
  /// What is so, where it is known.
  package var truth: Claim?
  /// How often it was seen.
  package var count = 1
}

/// What an unwinder is known not to do, so that another answer than ours is nobody's fault.
package enum KnownLimit: String, Sendable, Hashable, CaseIterable {
  /// The function keeps no frame pointer, or not yet: the chain of frame pointers has no record of this frame.
  case noFramePointer = "no-frame-pointer"
  /// The unwinder found no row, since it looks in fewer places (`.debug_frame`, separate debug files) or has no file, and guessed.
  case noRow = "no-row"
  /// libdw 0.188 crashes on `DW_OP_deref_size`: it is not asked.
  case unsupportedOperator = "unsupported-operator"
}
