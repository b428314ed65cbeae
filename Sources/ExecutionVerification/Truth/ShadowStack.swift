/// The activations on one stack.
final class ShadowStack {
  /// The outermost first.
  var frames: [ShadowFrame] = []
  /// The stack that control came from when this one began or was resumed last.
  var resumer: ShadowStack?
  /// rsp when control left it.
  var sp: UInt64 = 0
  /// rsp where it began: the frame that no call made lies below. 0 if that is not known.
  var base: UInt64 = 0
  /// It was entered where it begins, not in the middle of a frame.
  var isFresh = false
  /// Its thread has run at full speed since: another stack may have resumed this one meanwhile.
  var hasRun = false

  init() {}

  /// Leaves no chain of stacks to be freed one inside the other.
  deinit {
    var next = resumer.take()
    while let stack = next, isKnownUniquelyReferenced(&next) { next = stack.resumer.take() }
  }

  /// Forgets the activations that lie below `sp`: they have been left. Answers them, the innermost first.
  @discardableResult func drop(below sp: UInt64) -> [ShadowFrame] {
    var dropped: [ShadowFrame] = []
    while let last = frames.last, last.high <= sp { dropped.append(frames.removeLast()) }
    return dropped
  }
}
