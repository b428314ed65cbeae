internal import Foundation

/// A program to run to its end: with a limit on its time, its output in files, and no signal blocked or ignored.
struct Command {
  /// A path, or a name looked up in PATH, and arguments.
  var words: [String]
  /// Its whole process group is killed after this time.
  var seconds: Int
  /// Variables beside those of this process; nil takes one away.
  var environment: [String: String?] = [:]
  /// Where it runs, by default where this process does.
  var directory: String?

  /// Runs it. Throws if it cannot be started.
  func result() throws -> CommandResult {
    // Files, not pipes: nobody has to drain them, and what a killed grandchild holds open delays nobody.
    let files = try TemporaryDirectory()
    for name in ["output", "errors"] { try files.write("", to: name) }
    var wait: Int32 = 0
    let pid = try spawn(output: files.file("output"), errors: files.file("errors"))
    while unsafe waitpid(pid, &wait, 0) == -1 && errno == EINTR {}
    let signal = wait & 0x7f  // as WTERMSIG, a macro
    func text(_ name: String) throws -> String {
      String(decoding: try Data(contentsOf: URL(filePath: files.file(name))), as: UTF8.self)
    }
    return CommandResult(
      status: signal != 0 ? signal : wait >> 8 & 0xff, wasSignalled: signal != 0, output: try text("output"),
      errors: try text("errors"))
  }

  /// Starts it with no signal blocked or ignored, and no file open but the standard ones: what another test is just writing
  /// would stay open for writing in the child, and Linux executes no such file.
  ///
  /// Foundation's `Process` passes on the signal mask of the thread it is called from, and the threads that run tests block
  /// nearly all: `timeout` could not end such a program, and a debugger would wait for ever.
  private func spawn(output: String, errors: String) throws -> pid_t {
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
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
      if let number = Int32(name), number > 2 { unsafe posix_spawn_file_actions_addclose(&actions, number) }
    }
    var none = sigset_t()
    var all = sigset_t()
    unsafe sigemptyset(&none)
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var merged = ProcessInfo.processInfo.environment
    for (name, value) in environment { merged[name] = value }
    // `timeout` puts itself at the head of a process group and kills all of it.
    let limit = ["/usr/bin/timeout", "--kill-after=2", "\(seconds)"]
    let place = directory.map { ["/usr/bin/env", "--chdir=\($0)"] } ?? []
    let arguments = unsafe (limit + place + words).map { unsafe strdup($0) } + [nil]
    let variables = unsafe merged.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
    defer { unsafe (arguments + variables).forEach { unsafe free($0) } }
    var pid: pid_t = 0
    let status = unsafe posix_spawn(&pid, "/usr/bin/timeout", &actions, &attributes, arguments, variables)
    guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EINVAL) }
    return pid
  }
}

/// Runs a command to its end and gives it two minutes; in the locale C.UTF-8 and without NO_COLOR, unless `environment` says
/// otherwise.
@discardableResult
package func run(
  _ path: String, _ arguments: [String] = [], environment: [String: String] = [:], directory: String? = nil
) throws -> CommandResult {
  var variables: [String: String?] = ["LANG": "C.UTF-8"]
  for name in ["LC_ALL", "LC_CTYPE", "NO_COLOR"] { variables.updateValue(nil, forKey: name) }
  for (name, value) in environment { variables[name] = value }
  return try Command(words: [path] + arguments, seconds: 120, environment: variables, directory: directory).result()
}

/// Runs commands, no more at once than there are processors, so that the limits on their time do not measure how many tests run
/// beside each other.
package enum CommandQueue {
  private static let slots = CommandSlots(count: ProcessInfo.processInfo.activeProcessorCount)

  /// Runs `executable` (a path, or a name looked up in PATH) and waits for its end.
  ///
  /// Its whole process group is killed after `seconds`. Throws if it cannot be started.
  package static func run(
    _ executable: String, _ arguments: [String] = [], seconds: Int = 60, environment: [String: String] = [:]
  ) async throws -> CommandResult {
    await slots.take()
    let command = Command(words: [executable] + arguments, seconds: seconds, environment: environment)
    let result = await withCheckedContinuation { continuation in
      // A thread of its own: the pool that runs tasks must not be held up.
      Thread.detachNewThread { continuation.resume(returning: Result { try command.result() }) }
    }
    await slots.giveBack()
    return try result.get()
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
