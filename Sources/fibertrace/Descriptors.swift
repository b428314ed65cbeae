internal import ExecutionVerification
internal import Glibc

/// File descriptors that the command begins with.
enum Descriptors {
  /// O_PATH of fcntl.h, which Glibc's module shows only to GNU source.
  private static let pathOnly: Int32 = 0o10_000_000

  /// What programs inherit that are run: the limit as it was.
  static let inherited = RunSignals.inheritance

  /// Before any file is opened: takes the numbers of standard streams that are closed, and lifts the soft limit of open files.
  static func prepare() {
    _ = inherited
    // Programs that are run have them closed, too.
    let flags = pathOnly | O_CLOEXEC
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      // The lowest free number is this one. What O_PATH opens can be neither read nor written: EBADF, as if it were closed.
      // Otherwise a file of the target would take the number, and the dump might be written to it.
      _ = unsafe open("/", flags)
    }
    // A process may have more modules than the usual 1,024. The soft limit is for programs that use select(2).
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    // Where it is refused the old limit stays, and the dump says what it hides.
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
