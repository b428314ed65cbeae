/// What is known of one thread's stacks.
final class ThreadTruth {
  /// rsp has left the frame by something other than what grows and shrinks frames; where control goes next tells what it was: a
  /// switch to another stack, the stack being unwound, or just memory taken on the stack.
  struct Departure {
    /// rsp before that.
    var sp: UInt64
    /// The instruction, index in `CodeMap.points`.
    var point: Int
  }

  /// A row that does not fit the frame that control was in. In the middle of a switch it may fit the one that control comes to.
  struct Deferred {
    var point: Int
    var claim: RowClaim
    var claimed: UInt64
    var actual: UInt64
    var subject: Mismatch.Subject
    /// The callers that the rows lead to, if they were walked.
    var walk: StackWalk?
  }

  /// What a signal interrupted.
  struct Interruption {
    var departure: Departure?
    var deferred: [Deferred]
  }

  var stack = ShadowStack()
  var departure: Departure?
  var deferred: [Deferred] = []
  var interruptions: [Interruption] = []
  /// Steps since the whole stack was walked.
  var unwalked = 0

  init() {}
}
