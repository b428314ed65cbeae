import Foundation
import Testing

@testable import FiberInspection

/// Programs of the system, each walked at one moment by rows and by libdw.
@Suite(.serialized) struct SystemProgramTests {
  /// A command that waits for its input, or sleeps.
  struct Command: CustomTestStringConvertible, Sendable {
    let words: [String]
    init(_ words: String...) { self.words = words }
    var testDescription: String { words[0] }

    /// Where the program is, nil if it is not installed.
    var path: String? {
      ["/usr/bin/", "/bin/", "/opt/swift/usr/bin/"].map { $0 + words[0] }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
  }

  private static let threads =
    "import threading, time\nfor i in range(4): threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    + "time.sleep(600)"

  /// On every Debian, or installed for other tests.
  static let required = [
    Command("sleep", "600"), Command("dash"), Command("bash", "-c", "read x; true"), Command("perl", "-e", "sleep 600"),
    Command("python3", "-c", threads), Command("gdb", "-nx", "-q"), Command("mawk", "{ print }"), Command("sed", "p"),
    Command("grep", "x"), Command("tail", "-f", "/dev/null"), Command("cat"), Command("swift-demangle"),
  ]
  /// With code of virtual machines and more threads.
  static let optional = [
    Command("tclsh"), Command("node", "-e", "setInterval(() => 0, 1e6)"), Command("sqlite3"), Command("jshell"),
    Command("vim", "-es"),
  ]

  private func compare(_ command: Command) throws -> (stacks: Int, frames: Int, scans: Int) {
    let process = Process()
    process.executableURL = URL(filePath: try #require(command.path, "\(command.words[0]) is not installed"))
    process.arguments = Array(command.words.dropFirst())
    let input = Pipe()
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer {
      process.terminate()
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    // It has loaded its libraries once its main thread has slept for a while.
    var calm = 0
    for _ in 0..<500 where calm < 8 {
      usleep(10_000)
      let stat = try String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
      calm = stat.split(separator: ")").last?.hasPrefix(" S") == true ? calm + 1 : 0
    }
    let snapshot = try Snapshot.capture(processID: process.processIdentifier)
    #expect(snapshot.problems.isEmpty, "\(snapshot.problems)")
    var both = try BothUnwinders(snapshot)
    var frames = 0
    var scans = 0
    for thread in snapshot.threads {
      let walks = both.walk(from: try #require(thread.registers))
      frames += walks.rows.frames.count
      // libdw does not guess: it ends there, as it says.
      if let guess = walks.rows.frames.firstIndex(where: { $0.found == .scan }) {
        scans += 1
        #expect(walks.libdw.frames.count <= guess + 1)
        continue
      }
      if let difference = walks.difference { Issue.record("\(command.words[0]), thread \(thread.id): \(difference)") }
    }
    return (snapshot.threads.count, frames, scans)
  }

  @Test(arguments: required) func everyThreadIsWalkedAsLibdwWalksIt(_ command: Command) throws {
    let (stacks, frames, scans) = try compare(command)
    print("\(command.words[0]): \(stacks) threads, \(frames) frames by rows and by libdw alike, \(scans) with a guess")
    #expect(frames > stacks)
    // All their code has call frame information.
    #expect(scans == 0)
  }

  @Test(arguments: optional.filter { $0.path != nil })
  func everyThreadOfWhatElseIsInstalledIsToo(_ command: Command) throws {
    let (stacks, frames, scans) = try compare(command)
    print("\(command.words[0]): \(stacks) threads, \(frames) frames by rows and by libdw alike, \(scans) with a guess")
  }
}
