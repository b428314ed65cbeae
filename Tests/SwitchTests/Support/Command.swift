internal import Foundation

/// What a command that was run to its end left behind.
struct CommandResult: Sendable {
  /// The exit status, or the number of the signal that ended it if `wasSignalled`. 124: the time was over.
  var status: Int32
  var wasSignalled: Bool
  var output: String
  var errors: String

  /// It ended by itself with status 0.
  var succeeded: Bool { !wasSignalled && status == 0 }

  /// How it ended and all it said, for a failing expectation.
  var report: String {
    let end = wasSignalled ? "signal \(status)" : status == 124 ? "out of time" : "status \(status)"
    return "\(end)\n\(output)\n\(errors)"
  }
}

/// Runs programs with a limit on their time, no more at once than there are processors, so that the limits
/// do not measure how many tests run beside each other.
enum Command {
  private static let slots = CommandSlots(count: ProcessInfo.processInfo.activeProcessorCount)

  /// Runs `executable` (a path, or a name looked up in PATH) and waits for its end.
  ///
  /// Its whole process group is killed after `seconds`. Throws if it cannot be started.
  static func run(
    _ executable: String, _ arguments: [String] = [], seconds: Int = 60, environment: [String: String] = [:]
  ) async throws -> CommandResult {
    await slots.take()
    do {
      let result = try await runNow(executable, arguments, seconds: seconds, environment: environment)
      await slots.giveBack()
      return result
    } catch {
      await slots.giveBack()
      throw error
    }
  }

  private static func runNow(
    _ executable: String, _ arguments: [String], seconds: Int, environment: [String: String]
  ) async throws -> CommandResult {
    // Files, not pipes: nobody has to drain them, and what a killed grandchild holds open delays nobody.
    let directory = try TemporaryDirectory()
    let output = directory.url.appending(path: "output")
    let errors = directory.url.appending(path: "errors")
    for file in [output, errors] { try Data().write(to: file) }

    // `timeout` puts itself at the head of a process group and kills all of it.
    let words = ["/usr/bin/timeout", "--kill-after=2", "\(seconds)", executable] + arguments
    let merged = ProcessInfo.processInfo.environment.merging(environment) { _, own in own }
    let pid = try spawn(words, merged.map { "\($0.key)=\($0.value)" }, output: output.path, errors: errors.path)
    let wait = await withCheckedContinuation { continuation in
      // A thread of its own: the pool that runs tasks must not be held up.
      Thread.detachNewThread { continuation.resume(returning: waitForEnd(of: pid)) }
    }
    let signal = wait & 0x7f  // as WTERMSIG, a macro
    return CommandResult(
      status: signal != 0 ? signal : wait >> 8 & 0xff,
      wasSignalled: signal != 0,
      output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
  }

  /// Starts `words` with no signal blocked or ignored.
  ///
  /// Foundation's `Process` passes on the signal mask of the thread it is called from, and the threads that run tests block
  /// nearly all: `timeout` could not end such a program, and a debugger would wait for ever.
  private static func spawn(_ words: [String], _ environment: [String], output: String, errors: String) throws -> pid_t
  {
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(&actions)
      unsafe posix_spawnattr_destroy(&attributes)
    }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_APPEND, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_APPEND, 0)
    var none = sigset_t()
    var all = sigset_t()
    unsafe sigemptyset(&none)
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    let arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    let variables = unsafe environment.map { unsafe strdup($0) } + [nil]
    defer { unsafe (arguments + variables).forEach { unsafe free($0) } }
    var pid: pid_t = 0
    let status = unsafe posix_spawn(&pid, words[0], &actions, &attributes, arguments, variables)
    guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EINVAL) }
    return pid
  }

  /// Waits for a child of ours; answers the status word of waitpid(2).
  private static func waitForEnd(of pid: pid_t) -> Int32 {
    var status: Int32 = 0
    while unsafe waitpid(pid, &status, 0) == -1 && errno == EINTR {}
    return status
  }
}

/// A counting semaphore for tasks, first come first served.
private actor CommandSlots {
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(count: Int) { free = count }

  func take() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func giveBack() {
    if waiting.isEmpty {
      free += 1
    } else {
      waiting.removeFirst().resume()
    }
  }
}

/// A directory of its own name that is removed with its last reference.
final class TemporaryDirectory: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "fibertrace-switch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    // A directory left in /tmp harms no test, and a deinit has nobody to tell.
    try? FileManager.default.removeItem(at: url)
  }
}
