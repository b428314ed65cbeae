import Foundation
import Testing

/// Programs of the system that tests compare with or make files by.
enum SystemTool {
  /// Runs the program at `path` to its end, with no signal blocked and two minutes of time; answers what it printed.
  ///
  /// Records an issue if it does not end with status 0.
  @discardableResult
  static func run(_ path: String, _ arguments: [String]) throws -> String {
    let directory = try ScratchDirectory()
    let output = directory.file("output")
    let errors = directory.file("errors")
    let words = ["/usr/bin/timeout", "--signal=KILL", "120", path] + arguments
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(&actions)
      unsafe posix_spawnattr_destroy(&attributes)
    }
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    unsafe posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o600)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, flags, 0o600)
    // Threads that run tests block nearly every signal, which a child would inherit.
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let pointers = unsafe words.map { unsafe strdup($0) } + [nil]
    let environment = ["LC_ALL=C", "PATH=/usr/bin:/bin"]
    let variables = unsafe environment.map { unsafe strdup($0) } + [nil]
    defer { unsafe (pointers + variables).forEach { unsafe free($0) } }
    var pid: pid_t = 0
    let failure = unsafe posix_spawn(&pid, words[0], &actions, &attributes, pointers, variables)
    try #require(failure == 0, "\(path) cannot be started")
    var status: Int32 = 0
    while unsafe waitpid(pid, &status, 0) == -1 && errno == EINTR {}
    let text = String(decoding: try Data(contentsOf: URL(filePath: errors)), as: UTF8.self)
    try #require(
      status == 0, "\(path) \(arguments.joined(separator: " ")): \(text.prefix(2000))")
    return String(decoding: try Data(contentsOf: URL(filePath: output)), as: UTF8.self)
  }

  /// Where `name` is in PATH; records an issue if it is nowhere.
  static func path(of name: String) throws -> String {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    let found = folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    return try #require(found, "\(name) is not in PATH")
  }
}

/// A directory for one test, removed with its last owner.
final class ScratchDirectory: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "fibertrace-elf-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: URL(filePath: file(name)))
    return file(name)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
