import Foundation
import Testing

/// What a program has printed, and how it has ended.
private struct Run {
  var output: String
  var error: String
  var status: Int32
}

/// A sample, which SwiftPM puts beside the test program.
private func product(_ name: String) throws -> URL {
  let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent(name)
}

private func run(
  _ program: URL, _ arguments: [String], environment: [String: String] = [:]
) throws -> Run {
  let process = Process()
  let output = Pipe()
  let error = Pipe()
  process.executableURL = program
  process.arguments = arguments
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  process.standardOutput = output
  process.standardError = error
  try process.run()
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  let message = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return Run(output: text, error: message, status: process.terminationStatus)
}

@Suite("The sample")
struct SampleTests {
  @Test("nested shows a backtrace through three fibers to main")
  func nested() throws {
    let run = try run(product("nested"), [])
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n")
    let order = [
      "runInner", "\"inner\" resumed by", "runMiddle", "\"middle\" resumed by", "runOuter", "\"outer\" resumed by",
      "startOuter",
      "main", "_start", "outer > middle > inner has come back",
    ]
    var rest = lines[...]
    for word in order {
      let index = rest.firstIndex { $0.contains(word) }
      #expect(index != nil, "\(word) is missing, or out of order")
      rest = rest[(index ?? rest.startIndex)...].dropFirst()
    }
    #expect(rest.isEmpty)
  }

  @Test("nested says so, and in one line, where libunwind cannot be loaded")
  func noLibunwind() throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("no-libunwind-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    // The dynamic linker finds this before the real one.
    try Data().write(to: directory.appendingPathComponent("libunwind.so.8"))
    let run = try run(product("nested"), [], environment: ["LD_LIBRARY_PATH": directory.path])
    #expect(run.status == 1)
    #expect(run.error.hasPrefix("nested: no backtraces: "))
    #expect(run.error.hasSuffix("libunwind.so.8: file too short; install libunwind8\n"))
    #expect(run.error.count { $0 == "\n" } == 1)
  }

  @Test("ring passes its token fibers × rounds times")
  func ring() throws {
    let run = try run(product("ring"), ["--fibers", "7", "--rounds", "11"])
    #expect(run.output == "ring: the token was passed 77 times in 11 rounds\n")
    #expect(run.status == 0)
  }

  @Test(
    "prints one line when it stands, and sleeps until it is killed",
    arguments: [
      ("nested", "stands three fibers deep; Ctrl-C ends it"),
      ("ring", "stands with the token at passer 3 in round 3; Ctrl-C ends it"),
    ])
  func pauses(name: String, line: String) throws {
    let process = Process()
    let output = Pipe()
    process.executableURL = try product(name)
    process.arguments = ["--pause"]
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    #expect(text == "\(name): pid \(process.processIdentifier) \(line)\n")
    #expect(process.isRunning)
    // Not SIGTERM: threads of the test program block it, and their children inherit that.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
  }

  @Test(
    "refuses bad arguments with its usage",
    arguments: [
      ("nested", ["--paws"]), ("ring", ["--fibers"]), ("ring", ["--fibers", "0"]), ("ring", ["--rounds", "many"]),
      ("ring", ["7"]),
    ])
  func usage(name: String, arguments: [String]) throws {
    let run = try run(product(name), arguments)
    #expect(run.status == 64)
    #expect(run.output.isEmpty)
    #expect(run.error.contains("usage: \(name) "))
  }

  @Test("ring says in one line when there is no memory for so many fibers")
  func tooManyFibers() throws {
    let run = try run(product("ring"), ["--fibers", "\(Int.max)"])
    #expect(run.status == 1)
    #expect(run.error.hasPrefix("ring: cannot map "), "\(run.error.prefix(1000))")
    #expect(run.error.count { $0 == "\n" } == 1)
  }

  @Test("keeps the note that leads to its registry, also when stripped", arguments: ["nested", "ring"])
  func note(name: String) throws {
    let program = try product(name)
    let stripped = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: stripped) }
    let strip = try run(URL(fileURLWithPath: "/usr/bin/strip"), ["--strip-all", "-o", stripped.path, program.path])
    #expect(strip.status == 0)
    for file in [program, stripped] {
      let notes = try run(URL(fileURLWithPath: "/usr/bin/readelf"), ["--notes", "--wide", file.path]).output
      #expect(notes.contains(".note.fibertrace"))
      #expect(notes.contains("FiberTrace           0x00000008"))
    }
  }
}
