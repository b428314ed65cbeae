internal import CFiberAsm
internal import Glibc

/// Reports of stacks that overflow.
///
/// A fiber that needs more stack than it has ends the process with a segmentation fault, which says nothing of fibers.
/// With the handler installed, one line on standard error comes before:
///
/// ```
/// stack overflow in fiber #3 "parser": all 256 KiB of its stack are used; create it with a larger stack
/// ```
///
/// A fiber on memory of the caller's has no guard: it is reported only if what lies below that memory cannot be
/// touched.
public enum FiberStackOverflow {
  /// Installs a handler of SIGSEGV and SIGBUS that reports overflows of fibers' stacks.
  ///
  /// After its line, and for every other fault without one, the handler hands on to what was installed before, which
  /// sees the fault as if it had come first: Swift's backtraces still work, and so do cores. Called again, it prepares
  /// the calling thread.
  ///
  /// The handler needs a stack of its own in each thread (`sigaltstack`, 64 KiB of address space). The calling thread
  /// gets one, and each thread that creates its first fiber after that. Call it before there are fibers, and
  /// ``prepareThread()`` on threads that only resume what others have created.
  ///
  /// - Throws: ``FiberError/Code/outOfMemory`` if the system refuses the handler or the stack.
  public static func installHandler() throws(FiberError) {
    try check(ft_overflow_install())
  }

  /// Gives the calling thread an alternate signal stack, unless it has one of at least 16 KiB. It goes with the thread.
  ///
  /// Does nothing if the handler is not installed.
  ///
  /// - Throws: ``FiberError/Code/outOfMemory`` if the system refuses the stack.
  public static func prepareThread() throws(FiberError) {
    if ft_overflow_is_installed() != 0 { try check(ft_overflow_prepare_thread()) }
  }

  private static func check(_ code: Int32) throws(FiberError) {
    guard code != 0 else { return }
    let reason = unsafe String(cString: strerror(code))
    throw FiberError(
      .outOfMemory,
      "cannot prepare this thread for reports of stack overflows: \(reason); overflows end the process without one")
  }
}
