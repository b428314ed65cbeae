internal import CFiberAsm
public import Synchronization

/// What handles of one movable fiber share.
///
/// Whoever resumes or cancels the fiber claims it first, by one atomic instruction, and gives it up when the fiber is off the
/// thread again. Only who has claimed it touches anything else that changes here, in the record or on the fiber's stack.
@safe @usableFromInline
final class MovableFiberCore: FiberCore, @unchecked Sendable {
  @usableFromInline let phase = Atomic(FiberPhase.notStarted)
  // Who has claimed the fiber has these to itself. A checked access would be a record in the very list that the fence changes.
  @exclusivity(unchecked) @usableFromInline var fence = ExclusivityFence()
  /// What `ft_thread_number` answers in the body; constant from the end of `init` on.
  @exclusivity(unchecked) @usableFromInline var number: UInt64 = 0

  /// Creates a fiber that has not started.
  ///
  /// - Parameter creator: A pc in the function that creates it.
  @usableFromInline
  init(
    name: String?, stack: consuming FiberStack, options: FiberOptions, creator: UInt64,
    start: consuming UnsafeFiberStart
  ) throws(FiberError) {
    try unsafe super.init(name: name, stack: stack, options: options, creator: creator, thread: 0, start: start)
    unsafe number = FT_THREAD_NUMBER_OF_FIBER | record.id
  }

  deinit {
    // No handle is left that could claim it. Its body ends here, on whatever thread that is.
    if phase.load(ordering: .relaxed) == .suspended {
      let previous = enter()
      unwindDroppingResult()
      exit(to: previous)
    }
  }
}

/// Whether a movable fiber can be claimed.
@usableFromInline
enum FiberPhase: UInt8, AtomicRepresentable {
  case notStarted
  case suspended
  /// It is on a thread: somebody resumes or cancels it.
  case claimed
  case finished
}
