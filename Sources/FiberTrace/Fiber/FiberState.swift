/// What a fiber is doing.
public enum FiberState: Sendable, Hashable {
  /// Created, never resumed.
  case notStarted
  /// Its body is executing.
  case running
  /// It has resumed another fiber and waits for that one to suspend or to end. It cannot be resumed meanwhile.
  case resumingAnother
  /// It waits in `Suspend` to be resumed.
  case suspended
  /// Its body has returned or thrown.
  case finished
  /// Its thread has ended inside it, by `pthread_exit` or `pthread_cancel`. Its stack stays for good.
  case abandoned
}
